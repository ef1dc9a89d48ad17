// Things to pick up: an icon that floats over its place while it is there, and a ring that fills
// while it is not.

import type { Texture } from 'pixi.js';
import type { Pickup } from '../core';
import * as art from '../render/art';
import { weaponColours } from '../render/palette';
import type { Schema } from '../schema';
import type { Layers } from './layers';

const kindColours: Record<string, number> = { health: 0x5dffb0, mega: 0x4dd0ff, armour: 0xffd34d };
/** How many dashes make the ring full. */
const dashes = 24;

class Item {
  readonly base: Texture;
  readonly icon: Texture;
  readonly glow: number;
  readonly colour: number;
  readonly field: number;
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
    this.icon = art.pickup(name, this.colour, small);
    this.base = art.place(small);
    this.glow = small ? 0.5 : 0.8;
  }
}

export class Pickups {
  private readonly haze = art.haze();
  private readonly dash = art.dash();
  private items: Item[] = [];
  private time = 0;

  constructor(
    private readonly schema: Schema,
    private readonly layers: Layers,
  ) {}

  build(pickups: readonly Pickup[]): void {
    const weapons = ['', ...this.schema.weapons.map((w) => w.name)];
    this.items = pickups.map((p, i) => new Item(p, this.schema.own.at(`pick${i}`), weapons));
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
      const { x, y } = it.what;
      const size = it.grown * (1 + bob * 0.03);
      if (!this.layers.floor.sees(x, y, 64)) continue;
      this.layers.floor
        .add(it.base)
        .at(x, y)
        .tinted(it.colour, there ? 0.35 : 0.17);
      const glow = it.grown * (0.3 + bob * 0.08);
      this.layers.haze.add(this.haze).at(x, y).scaled(it.glow, it.glow).tinted(it.colour, glow);
      if (!there) this.countDown(it, 1 - wait / it.what.respawn);
      if (it.grown <= 0.02) continue;
      this.layers.things
        .add(it.icon)
        .at(x, y - 3 + bob * 2.6)
        .scaled(size, size);
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

  /** Draws the ring that is full when the thing is back. */
  private countDown(it: Item, share: number): void {
    const { x, y } = it.what;
    for (let i = Math.max(1, Math.floor(share * dashes)); i > 0; i--) {
      const angle = ((i - 1) / dashes) * Math.PI * 2 - Math.PI / 2;
      this.layers.floor
        .add(this.dash)
        .at(x + Math.cos(angle) * 13, y + Math.sin(angle) * 13)
        .turned(angle)
        .tinted(it.colour, 0.75);
    }
  }
}
