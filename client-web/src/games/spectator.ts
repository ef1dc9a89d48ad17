// The eyes of who looks on: they follow a player, or go where they are steered.

import { hud } from '../hud/state';
import type { Stage } from '../render/stage';
import type { Drones } from './drones';

/** World units a second, at full stick. */
const speed = 620;
/** CSS pixels from a drone within which a tap means it. */
const reach = 70;
/** CSS pixels that a finger may tremble in a tap. */
const tremble = 8;

/** Which way the camera is steered, -127 to 127 each. */
export interface Steering {
  moveX: number;
  moveY: number;
}

export class Spectator {
  x = 0;
  y = 0;
  private dragged = 0;

  constructor(
    surface: HTMLElement,
    private readonly stage: Stage,
    private readonly drones: Drones,
  ) {
    let from: { id: number; x: number; y: number } | null = null;
    surface.addEventListener('pointerdown', (e) => {
      if (!hud.watching.peek()) return;
      from = { id: e.pointerId, x: e.clientX, y: e.clientY };
      this.dragged = 0;
    });
    addEventListener('pointermove', (e) => {
      if (!from || from.id !== e.pointerId) return;
      this.drag(e.clientX - from.x, e.clientY - from.y);
      from = { id: e.pointerId, x: e.clientX, y: e.clientY };
    });
    const end = (e: PointerEvent) => {
      if (!from || from.id !== e.pointerId) return;
      from = null;
      if (e.type === 'pointerup' && this.dragged < tremble) this.tap(e.clientX, e.clientY);
    };
    addEventListener('pointerup', end);
    addEventListener('pointercancel', end);
  }

  /** Begins a match in its middle, with the leader. Sizes are in units. */
  newMatch(mapWidth: number, mapHeight: number): void {
    this.x = mapWidth / 2;
    this.y = mapHeight / 2;
    hud.following.value = 0;
    hud.freeCamera.value = false;
  }

  /** Follows the next player of the scoreboard, or the one before. */
  step(way: 1 | -1): void {
    const rows = hud.rows.peek();
    if (rows.length === 0) return;
    const at = rows.findIndex((r) => r.player === hud.following.peek());
    this.follow(rows[(at + way + rows.length) % rows.length].player);
  }

  follow(player: number): void {
    hud.following.value = player;
    hud.freeCamera.value = false;
  }

  /** Changes between following and free. */
  toggle(): void {
    hud.freeCamera.value = !hud.freeCamera.peek();
  }

  /** Whom to follow now, 0 for nobody. Somebody who has left is followed no more. */
  target(): number {
    if (hud.freeCamera.peek()) return 0;
    const rows = hud.rows.peek();
    if (!rows.some((r) => r.player === hud.following.peek())) hud.following.value = rows[0]?.player ?? 0;
    return hud.following.peek();
  }

  /** Moves the eyes: to the followed drone at x and y if there is one, else as they are steered. */
  move(steering: Steering, at: { x: number; y: number } | null, dt: number): void {
    if (steering.moveX !== 0 || steering.moveY !== 0) {
      hud.freeCamera.value = true;
      this.x += (steering.moveX / 127) * speed * dt;
      this.y += (steering.moveY / 127) * speed * dt;
    } else if (at) {
      this.x = at.x;
      this.y = at.y;
    }
  }

  /** Keeps the eyes where the map lets the camera be, so that turning back takes effect at once. */
  settle(width: number, height: number): void {
    this.x = Math.min(width, Math.max(0, this.x));
    this.y = Math.min(height, Math.max(0, this.y));
  }

  private drag(dx: number, dy: number): void {
    this.dragged += Math.hypot(dx, dy);
    if (this.dragged < tremble) return;
    hud.freeCamera.value = true;
    this.x -= dx / this.stage.camera.zoom;
    this.y -= dy / this.stage.camera.zoom;
  }

  private tap(x: number, y: number): void {
    let best = reach;
    for (const r of hud.rows.peek()) {
      const d = this.drones.find(r.player);
      const far = d ? Math.hypot(this.stage.screenX(d.x) - x, this.stage.screenY(d.y) - y) : reach;
      if (far >= best) continue;
      best = far;
      this.follow(r.player);
    }
  }
}
