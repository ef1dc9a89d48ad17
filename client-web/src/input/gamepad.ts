// Gamepads of the standard layout: left stick moves, right stick aims, right trigger fires. The
// browser has no events for them, so they are asked once a frame.

import type { ActionState } from './actions';
import type { InputAction } from './bindings';

/** Buttons of the standard mapping (w3.org/TR/gamepad). */
const buttons: [number, InputAction][] = [
  [7, 'fire'],
  [5, 'fire'],
  [0, 'dash'],
  [6, 'dash'],
  [4, 'previousWeapon'],
  [1, 'nextWeapon'],
  [12, 'weapon1'],
  [13, 'weapon2'],
  [14, 'weapon3'],
  [15, 'weapon4'],
  [3, 'weapon5'],
  [8, 'scoreboard'],
];

export class GamepadInput {
  moveX = 0;
  moveY = 0;
  aimX = 0;
  aimY = 0;
  private count = 0;

  constructor(private readonly actions: ActionState) {
    addEventListener('gamepadconnected', () => this.count++);
    addEventListener('gamepaddisconnected', () => {
      this.count--;
      this.moveX = this.moveY = this.aimX = this.aimY = 0;
      for (const [n, action] of buttons) this.actions.release(action, `Pad${n}`);
    });
  }

  /** Reads the first gamepad. Sticks inside the dead zone rest at 0. */
  poll(deadZone: number, sensitivity: number): void {
    if (this.count <= 0) return;
    const pad = navigator.getGamepads().find((p) => p?.mapping === 'standard');
    if (!pad) return;
    const move = stick(pad.axes[0], pad.axes[1], deadZone, sensitivity);
    this.moveX = move.x;
    this.moveY = move.y;
    const aim = stick(pad.axes[2], pad.axes[3], deadZone, 1);
    this.aimX = aim.x;
    this.aimY = aim.y;
    for (const [n, action] of buttons) {
      if (pad.buttons[n]?.pressed) this.actions.press(action, `Pad${n}`);
      else this.actions.release(action, `Pad${n}`);
    }
  }
}

const result = { x: 0, y: 0 };

/**
 * Applies a round dead zone and rescales what is left to 0..1; a higher sensitivity reaches full
 * speed earlier. The result is reused.
 */
export function stick(x: number, y: number, deadZone: number, sensitivity: number): { x: number; y: number } {
  const length = Math.hypot(x, y);
  if (length <= deadZone) {
    result.x = result.y = 0;
    return result;
  }
  const force = Math.min(1, ((length - deadZone) / (1 - deadZone)) * sensitivity);
  result.x = (x / length) * force;
  result.y = (y / length) * force;
  return result;
}
