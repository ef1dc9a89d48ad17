// In place of Pixi's module of that name, which draws a test picture and waits for its pixels. Every browser
// that has WebAssembly knows these modes.

export const canUseNewCanvasBlendModes = (): boolean => true;
