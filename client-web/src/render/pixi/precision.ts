// In place of Pixi's module of that name, which makes a WebGL context only to ask it. WebGL 2 always has it,
// and so have devices of the last ten years without that.

export const getMaxFragmentPrecision = (): 'highp' => 'highp';
