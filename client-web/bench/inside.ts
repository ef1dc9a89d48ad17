// What is put into the measured page before its own scripts. Each function is sent there as text, so it
// uses nothing from outside itself.

declare global {
  interface Window {
    /** Frames drawn, and bytes by which the heap of scripts grew between its collections. */
    counted: { frames: number; bytes: number };
  }
}

/** Presses Play as soon as that is possible. */
export function eager(): void {
  const press = () => {
    const play = document.querySelector<HTMLButtonElement>('#play:enabled');
    if (play) play.click();
    else requestAnimationFrame(press);
  };
  addEventListener('DOMContentLoaded', press);
}

/** Counts frames and garbage. */
export function counting(): void {
  const counted = { frames: 0, bytes: 0 };
  window.counted = counted;
  let last = Number.POSITIVE_INFINITY;
  const frame = () => {
    requestAnimationFrame(frame);
    counted.frames++;
  };
  requestAnimationFrame(frame);
  setInterval(() => {
    const { usedJSHeapSize } = (performance as Performance & { memory: { usedJSHeapSize: number } }).memory;
    counted.bytes += Math.max(0, usedJSHeapSize - last);
    last = usedJSHeapSize;
  }, 100);
}

/**
 * Submits all that is drawn but the filling of its pixels, which here no GPU does but a program, on the very
 * processors that are measured.
 */
export function unpainted(): void {
  WebGL2RenderingContext.prototype.drawElements = () => {};
}
