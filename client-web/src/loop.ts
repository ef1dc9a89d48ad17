// The heartbeat of the page: once a frame while it is seen, once a second while it is not, so that a
// player in another tab stays connected and is shown as away.

const hiddenMs = 1000;

export function startLoop(frame: (now: number, dt: number) => void, hidden: (now: number) => void): void {
  let last = performance.now();
  const tick = () => {
    requestAnimationFrame(tick);
    // Not the frame's own time stamp: that may be older than the last message's, and time given to
    // the core must not go back.
    const now = performance.now();
    const dt = Math.min(0.1, (now - last) / 1000);
    last = now;
    frame(now, dt);
  };
  requestAnimationFrame(tick);
  setInterval(() => {
    if (document.hidden) hidden(performance.now());
  }, hiddenMs);
}
