// Two thumbs: the left half of the window moves, the right half aims and, pushed out, fires. Sticks
// appear where a thumb lands. Buttons (dash, weapons) belong to the HUD.

import nipplejs from 'nipplejs';
import type { ActionState } from './actions';

/** How far the right stick must be pushed to fire, 0 to 1. */
const fireAt = 0.55;
const stickSize = 116;

/** A ring with a glowing knob. */
const stickColour = (rgb: string) => ({
  back: `radial-gradient(circle, rgba(${rgb}, 0.05) 60%, rgba(${rgb}, 0.5) 67%, rgba(${rgb}, 0) 71%)`,
  front: `radial-gradient(circle, rgba(${rgb}, 0.95), rgba(${rgb}, 0.45) 60%, rgba(${rgb}, 0) 71%)`,
});

export class TouchSticks {
  moveX = 0;
  moveY = 0;
  aimX = 0;
  aimY = 0;
  /** performance.now() of the last touch. */
  usedAt = 0;
  private readonly drop: () => void;

  constructor(left: HTMLElement, right: HTMLElement, actions: ActionState, sensitivity: () => number) {
    const common = {
      mode: 'dynamic',
      size: stickSize,
      threshold: 0.05,
      restOpacity: 0.6,
      fadeTime: 120,
    } as const;
    const mover = nipplejs.create({ ...common, zone: left, color: stickColour('90, 210, 255') });
    const aimer = nipplejs.create({ ...common, zone: right, color: stickColour('255, 110, 140') });
    mover.on('start', () => left.classList.add('used'));
    aimer.on('start', () => right.classList.add('used'));
    mover.on('move', (e) => {
      this.usedAt = performance.now();
      const k =
        Math.min(1, e.data.force * sensitivity()) /
        Math.max(0.001, Math.hypot(e.data.vector.x, e.data.vector.y));
      this.moveX = e.data.vector.x * k;
      this.moveY = -e.data.vector.y * k;
    });
    mover.on('end', () => {
      this.moveX = this.moveY = 0;
    });
    aimer.on('move', (e) => {
      this.usedAt = performance.now();
      this.aimX = e.data.vector.x;
      this.aimY = -e.data.vector.y;
      if (e.data.force > fireAt) actions.press('fire', 'Stick');
      else actions.release('fire', 'Stick');
    });
    aimer.on('end', () => {
      this.aimX = this.aimY = 0;
      actions.release('fire', 'Stick');
    });
    this.drop = () => {
      mover.destroy();
      aimer.destroy();
      actions.release('fire', 'Stick');
    };
  }

  destroy(): void {
    this.drop();
  }
}
