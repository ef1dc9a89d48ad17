// Things to pick up: an icon that floats over its place while it is there, and a ring that fills
// while it is not.

import { Container, Graphics, Sprite } from 'pixi.js';
import type { Pickup } from '../core';
import * as art from '../render/art';
import { weaponColours } from '../render/palette';
import type { Schema } from '../schema';

const kindColours: Record<string, number> = { health: 0x5dffb0, mega: 0x4dd0ff, armour: 0xffd34d };

class Item {
  readonly base = new Graphics();
  readonly light = new Sprite(art.haze());
  readonly icon: Sprite;
  readonly progress = new Graphics();
  readonly colour: number;
  readonly field: number;
  filled = -1;
  grown = 0;
  /** The tick it was seen taken at, for who has no row that says when it is back. */
  taken: number | null = null;

  constructor(
    readonly what: Pickup,
    field: number,
    weapons: readonly string[],
  ) {
    this.field = field;
    const name = what.weapon > 0 ? weapons[what.weapon] : what.kind;
    this.colour = (what.weapon > 0 ? weaponColours[name] : kindColours[what.kind]) ?? 0xffffff;
    const small = what.kind === 'ammo' || what.kind === 'health';
    this.icon = new Sprite(art.pickup(name, this.colour, small));
    this.icon.anchor.set(0.5);
    this.light.anchor.set(0.5);
    this.light.tint = this.colour;
    this.light.blendMode = 'add';
    this.light.scale.set(small ? 0.5 : 0.8);
    this.base.circle(0, 0, small ? 11 : 16).stroke({ width: 1.4, color: this.colour, alpha: 0.35 });
    for (const part of [this.base, this.light, this.icon, this.progress]) part.position.set(what.x, what.y);
  }
}

export class Pickups {
  readonly floor = new Container();
  readonly icons = new Container();
  private items: Item[] = [];
  private time = 0;

  constructor(private readonly schema: Schema) {}

  build(pickups: readonly Pickup[]): void {
    for (const c of [...this.floor.removeChildren(), ...this.icons.removeChildren()]) c.destroy();
    const weapons = ['', ...this.schema.weapons.map((w) => w.name)];
    this.items = pickups.map((p, i) => new Item(p, this.schema.own.at(`pick${i}`), weapons));
    for (const it of this.items) {
      this.floor.addChild(it.base, it.progress, it.light);
      this.icons.addChild(it.icon);
    }
  }

  /** `own` is the own row's place in `words`; `tick` the one it is drawn at. */
  draw(words: Int32Array, own: number, tick: number, dt: number): void {
    this.time += dt;
    for (let i = 0; i < this.items.length; i++) {
      const it = this.items[i];
      const back = it.taken === null ? words[own + it.field] : it.taken + it.what.respawn;
      const wait = (back - tick) | 0;
      const there = wait <= 0;
      it.grown += ((there ? 1 : 0) - it.grown) * Math.min(1, dt * 10);
      const bob = Math.sin(this.time * 2.2 + i * 1.3);
      it.icon.visible = it.grown > 0.02;
      it.icon.position.y = it.what.y - 3 + bob * 2.6;
      it.icon.scale.set(it.grown * (1 + bob * 0.03));
      it.light.alpha = it.grown * (0.3 + bob * 0.08);
      it.base.alpha = there ? 1 : 0.5;
      // Redrawn only when a step of the ring is full: not every frame.
      const steps = there ? 0 : Math.max(1, Math.floor(40 * (1 - wait / it.what.respawn)));
      if (steps !== it.filled) this.fill(it, steps);
    }
  }

  /** Somebody took it. Players are told when it is back; for who looks on the time is counted here. */
  seeTaken(index: number, tick: number): void {
    const it = this.items[index];
    if (it) it.taken = tick;
  }

  at(index: number): { x: number; y: number; colour: number; kind: string } | null {
    const it = this.items[index];
    return it ? { x: it.what.x, y: it.what.y, colour: it.colour, kind: it.what.kind } : null;
  }

  private fill(it: Item, steps: number): void {
    it.filled = steps;
    it.progress.clear();
    if (steps <= 0) return;
    const from = -Math.PI / 2;
    it.progress
      .arc(0, 0, 13, from, from + (steps / 40) * Math.PI * 2)
      .stroke({ width: 2.4, color: it.colour, alpha: 0.75, cap: 'round' });
  }
}
