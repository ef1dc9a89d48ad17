// All devices together: what the player wants at this moment. The device that was used last aims.

import { effect } from '@preact/signals';
import type { Controls } from '../core';
import type { Pointing } from '../games/arena';
import { hud } from '../hud/state';
import { settings } from '../settings';
import { ActionState } from './actions';
import { byCode, type InputAction } from './bindings';
import { GamepadInput } from './gamepad';
import { listenToKeyboard } from './keyboard';
import { Mouse } from './mouse';
import type { TouchSticks } from './touch';

/** A chosen weapon is asked for until it is in hand, but no longer than this. */
const selectMs = 600;
/** CSS pixels from the drone at which a mouse leans the camera fully. */
const fullReach = 420;

export class Player {
  readonly controls: Controls = {
    moveX: 0,
    moveY: 0,
    aim: 0,
    held: 0,
    select: 0,
    press0: 0,
    press1: 0,
    hidden: false,
  };
  readonly pointing: Pointing = { x: 0, y: 0, aim: 0, reach: 0, mouse: true };
  readonly actions = new ActionState();
  touch: TouchSticks | undefined;
  private lookup = new Map<string, InputAction>();
  private readonly mouse: Mouse;
  private readonly pad: GamepadInput;
  private padUsedAt = 0;
  private selectedAt = 0;

  constructor(
    surface: HTMLElement,
    private readonly heldFire: number,
    playing: () => boolean,
  ) {
    effect(() => {
      this.lookup = byCode(settings.value.bindings);
    });
    listenToKeyboard(this.actions, () => this.lookup, playing);
    this.mouse = new Mouse(surface, this.actions, () => this.lookup, playing);
    this.pad = new GamepadInput(this.actions);
    this.actions.onChange((action, down) => {
      if (down && playing()) this.pressed(action);
    });
  }

  /** Asks for a weapon by its id. */
  select(weapon: number): void {
    this.controls.select = weapon;
    this.selectedAt = performance.now();
  }

  /** Reads all devices; the own drone is drawn at that place in CSS pixels. */
  sample(now: number, ownX: number, ownY: number): void {
    const s = settings.peek();
    this.pad.poll(s.deadZone, s.stickSensitivity);
    this.move();
    this.aim(now, ownX, ownY);
    const c = this.controls;
    c.held = this.actions.held('fire') ? this.heldFire : 0;
    if (c.select !== 0 && (c.select === hud.weapon.peek() || now - this.selectedAt > selectMs)) c.select = 0;
  }

  /** Lets go of everything, for a menu or a chat line. */
  rest(): void {
    this.actions.releaseAll();
    this.controls.moveX = this.controls.moveY = this.controls.held = 0;
  }

  private move(): void {
    const on = (a: InputAction) => (this.actions.held(a) ? 1 : 0);
    let x = on('right') - on('left');
    let y = on('down') - on('up');
    if (x !== 0 && y !== 0) {
      x *= Math.SQRT1_2;
      y *= Math.SQRT1_2;
    }
    x += this.pad.moveX + (this.touch?.moveX ?? 0);
    y += this.pad.moveY + (this.touch?.moveY ?? 0);
    const over = Math.max(1, Math.hypot(x, y));
    this.controls.moveX = Math.round((x / over) * 127);
    this.controls.moveY = Math.round((y / over) * 127);
  }

  private aim(now: number, ownX: number, ownY: number): void {
    const p = this.pointing;
    if (this.pad.aimX !== 0 || this.pad.aimY !== 0) this.padUsedAt = now;
    const touched = this.touch?.usedAt ?? 0;
    p.mouse =
      !(this.touch && this.mouse.usedAt === 0) && this.mouse.usedAt >= Math.max(this.padUsedAt, touched);
    if (p.mouse) {
      p.x = this.mouse.x;
      p.y = this.mouse.y;
      const dx = p.x - ownX;
      const dy = p.y - ownY;
      if (dx !== 0 || dy !== 0) p.aim = Math.atan2(dy, dx);
      p.reach = Math.min(1, Math.hypot(dx, dy) / fullReach);
    } else {
      const byPad = this.padUsedAt >= touched;
      const x = byPad ? this.pad.aimX : (this.touch?.aimX ?? 0);
      const y = byPad ? this.pad.aimY : (this.touch?.aimY ?? 0);
      if (x !== 0 || y !== 0) p.aim = Math.atan2(y, x);
      else if (this.controls.moveX !== 0 || this.controls.moveY !== 0) {
        p.aim = Math.atan2(this.controls.moveY, this.controls.moveX); // a resting thumb faces the way it goes
      }
      p.reach = 0.6 * Math.min(1, Math.hypot(x, y));
    }
    this.controls.aim = Math.round((p.aim / (Math.PI * 2)) * 65536) & 65535;
  }

  private pressed(action: InputAction): void {
    const c = this.controls;
    if (action === 'fire') c.press0 = (c.press0 + 1) & 255;
    else if (action === 'dash') c.press1 = (c.press1 + 1) & 255;
    else if (action === 'nextWeapon') this.step(1);
    else if (action === 'previousWeapon') this.step(-1);
    else if (action.startsWith('weapon')) this.select(Number(action.slice('weapon'.length)));
  }

  /** Chooses the next weapon that is owned and loaded. */
  private step(way: 1 | -1): void {
    const slots = hud.slots.peek();
    const now = this.controls.select || hud.weapon.peek();
    const from = slots.findIndex((s) => s.id === now);
    for (let i = 1; i < slots.length; i++) {
      const s = slots[(from + way * i + slots.length * 2) % slots.length];
      if (s.owned && s.ammo !== 0) {
        this.select(s.id);
        return;
      }
    }
  }
}
