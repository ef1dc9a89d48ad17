// Projectiles in flight: plasma bolts and rockets with their trails and the light they throw.

import { Container, Sprite } from 'pixi.js';
import type { Picture } from '../picture';
import * as art from '../render/art';
import type { Effects } from '../render/effects';
import { mix, weaponColours } from '../render/palette';
import type { Schema } from '../schema';

class Shot {
  readonly light = new Sprite(art.haze());
  readonly body = new Sprite();
  bolt = false;
  angle = 0;
  seen = 0;
  travelled = 0;
  x = 0;
  y = 0;

  constructor() {
    this.light.anchor.set(0.5);
    this.body.anchor.set(0.5);
    this.light.blendMode = 'add';
  }
}

export class Shots {
  readonly lights = new Container();
  readonly bodies = new Container();
  private readonly byId = new Map<number, Shot>();
  private readonly free: Shot[] = [];
  private frame = 0;
  private readonly f: Record<'x' | 'y' | 'vx' | 'vy' | 'weapon', number>;
  private readonly weapons: string[];

  constructor(
    schema: Schema,
    private readonly effects: Effects,
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
    let s = this.byId.get(key);
    if (!s) {
      s = this.free.pop() ?? new Shot();
      this.byId.set(key, s);
      this.lights.addChild(s.light);
      this.bodies.addChild(s.body);
      this.dress(s, weapon);
      s.x = x;
      s.y = y;
      s.travelled = 0;
    }
    s.seen = this.frame;
    s.body.position.set(x, y);
    s.light.position.set(x, y);
    const angle = Math.atan2(w[at + this.f.vy], w[at + this.f.vx]);
    s.angle = angle;
    if (this.weapons[weapon] === 'rocket') {
      s.body.rotation = angle;
      s.travelled += Math.hypot(x - s.x, y - s.y);
      if (s.travelled > 9) {
        s.travelled = 0;
        const colour = weaponColours.rocket;
        this.effects.trail(x - Math.cos(angle) * 12, y - Math.sin(angle) * 12, colour, 8, 0.42);
      }
    } else {
      s.body.scale.set(0.92 + 0.12 * Math.sin(this.frame * 0.9 + p.id));
    }
    s.x = x;
    s.y = y;
  }

  end(): void {
    for (const [id, s] of this.byId) {
      if (s.seen === this.frame) continue;
      s.light.removeFromParent();
      s.body.removeFromParent();
      // A bolt that ends in a wall is told by nothing but its absence.
      if (s.bolt) this.effects.impact(s.x, s.y, s.angle, s.light.tint);
      this.byId.delete(id);
      this.free.push(s);
    }
  }

  /** Takes all away without a spark: the picture jumps. */
  clear(): void {
    for (const s of this.byId.values()) {
      s.light.removeFromParent();
      s.body.removeFromParent();
      this.free.push(s);
    }
    this.byId.clear();
  }

  private dress(s: Shot, weapon: number): void {
    const name = this.weapons[weapon] ?? '';
    const colour = weaponColours[name] ?? 0xffffff;
    const rocket = name === 'rocket';
    s.bolt = !rocket;
    s.body.texture = rocket ? art.rocketBody(colour) : art.plasmaBolt(colour);
    s.body.scale.set(1);
    s.body.rotation = 0;
    s.light.tint = mix(colour, 0xffffff, 0.1);
    s.light.alpha = rocket ? 0.5 : 0.34;
    s.light.scale.set(rocket ? 0.85 : 0.55);
  }
}
