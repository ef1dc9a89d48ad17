// The renderer for where there is no WebGL, in a chunk of its own.

export { CanvasRenderer } from 'pixi.js';
