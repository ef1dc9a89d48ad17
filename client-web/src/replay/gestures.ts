// Nearer and further: the wheel, or two fingers. Dragging and tapping are the spectator's own.

import type { Camera } from '../render/camera';

export function watchGestures(surface: HTMLElement, camera: Camera): void {
  surface.addEventListener(
    'wheel',
    (e) => {
      e.preventDefault();
      // A wheel that counts lines steps by about three of them.
      camera.magnify(Math.exp(-(e.deltaMode === 1 ? e.deltaY * 30 : e.deltaY) * 0.0016));
    },
    { passive: false },
  );
  const fingers = new Map<number, { x: number; y: number }>();
  const apart = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  surface.addEventListener('pointerdown', (e) => {
    if (e.pointerType === 'touch') fingers.set(e.pointerId, { x: e.clientX, y: e.clientY });
  });
  addEventListener('pointermove', (e) => {
    if (!fingers.has(e.pointerId)) return;
    const before = fingers.size === 2 ? apart() : 0;
    fingers.set(e.pointerId, { x: e.clientX, y: e.clientY });
    if (before > 0) camera.magnify(apart() / before);
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    addEventListener(end, (e) => fingers.delete(e.pointerId));
  }
}
