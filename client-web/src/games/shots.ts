// Projectiles in flight: plasma bolts and rockets with their trails and the light they throw.

import type { Texture } from 'pixi.js';
import type { Picture } from '../picture';
import * as art from '../render/art';
import type { Effects } from '../render/effects';
import { mix, weaponColours } from '../render/palette';
import type { Schema } from '../schema';
import type { Layers } from './layers';

/** What of a shot lasts from frame to frame. */
class Shot {
  key = 0;
  bolt = false;
  tint = 0;
  angle = 0;
  seen = 0;
  travelled = 0;
  x = 0;
  y = 0;
}

/** How shots of a weapon look. */
interface Look {
  body: Texture;
  rocket: boolean;
  tint: number;
}

export class Shots {
  private readonly byId = new Map<number, Shot>();
  private readonly free: Shot[] = [];
  private frame = 0;
  private readonly f: Record<'x' | 'y' | 'vx' | 'vy' | 'weapon', number>;
  private readonly weapons: string[];
  private readonly looks: Look[] = [];
  private readonly haze = art.haze();

  constructor(
    schema: Schema,
    private readonly effects: Effects,
    private readonly layers: Layers,
  ) {
    const k = schema.kind('shot');
    this.f = { x: k.at('x'), y: k.at('y'), vx: k.at('vx'), vy: k.at('vy'), weapon: k.at('weapon') };
    this.weapons = ['', ...schema.weapons.map((w) => w.name)];
  }

  begin(): void {
    this.frame++;
  }

  draw(p: Picture): void {
    const w = p.words;
    const at = p.at;
    // An id is reused by the next shot of that slot; its birth tells them apart.
    const key = p.id * 65536 + (p.birth & 65535);
    const weapon = w[at + this.f.weapon];
    const x = w[at + this.f.x] / 16;
    const y = w[at + this.f.y] / 16;
    const look = this.look(weapon);
    let s = this.byId.get(key);
    if (!s) {
      s = this.free.pop() ?? new Shot();
      this.byId.set(key, s);
      s.key = key;
      s.bolt = !look.rocket;
      s.tint = look.tint;
      s.x = x;
      s.y = y;
      s.travelled = 0;
    }
    s.seen = this.frame;
    s.angle = Math.atan2(w[at + this.f.vy], w[at + this.f.vx]);
    if (look.rocket) this.smoke(s, x, y);
    if (this.layers.haze.sees(x, y, 64)) this.show(s, look, x, y, p.id);
    s.x = x;
    s.y = y;
  }

  private show(s: Shot, look: Look, x: number, y: number, id: number): void {
    const light = look.rocket ? 0.85 : 0.55;
    this.layers.haze
      .add(this.haze)
      .at(x, y)
      .scaled(light, light)
      .tinted(s.tint, look.rocket ? 0.5 : 0.34);
    const body = this.layers.light.add(look.body).at(x, y);
    if (look.rocket) body.turned(s.angle);
    else {
      const size = 0.92 + 0.12 * Math.sin(this.frame * 0.9 + id);
      body.scaled(size, size);
    }
  }

  private smoke(s: Shot, x: number, y: number): void {
    s.travelled += Math.hypot(x - s.x, y - s.y);
    if (s.travelled <= 9) return;
    s.travelled = 0;
    const { rocket } = weaponColours;
    this.effects.trail(x - Math.cos(s.angle) * 12, y - Math.sin(s.angle) * 12, rocket, 8, 0.42);
  }

  end(): void {
    for (const s of this.byId.values()) {
      if (s.seen === this.frame) continue;
      // A bolt that ends in a wall is told by nothing but its absence.
      if (s.bolt) this.effects.impact(s.x, s.y, s.angle, s.tint);
      this.byId.delete(s.key);
      this.free.push(s);
    }
  }

  /** Takes all away without a spark: the picture jumps. */
  clear(): void {
    for (const s of this.byId.values()) this.free.push(s);
    this.byId.clear();
  }

  private look(weapon: number): Look {
    this.looks[weapon] ??= this.freshLook(this.weapons[weapon] ?? '');
    return this.looks[weapon];
  }

  private freshLook(name: string): Look {
    const colour = weaponColours[name] ?? 0xffffff;
    const rocket = name === 'rocket';
    return {
      body: rocket ? art.rocketBody(colour) : art.plasmaBolt(colour),
      rocket,
      tint: mix(colour, 0xffffff, 0.1),
    };
  }
}
