// The drones: bodies in the world, name tags and health bars over it.

import type { Texture } from 'pixi.js';
import type { Picture } from '../picture';
import * as art from '../render/art';
import type { Effects } from '../render/effects';
import { label } from '../render/labels';
import { mix, weaponColours } from '../render/palette';
import type { Stage } from '../render/stage';
import type { Schema } from '../schema';
import type { Cast } from './cast';
import type { Layers } from './layers';

const turn = (Math.PI * 2) / 256;
/** How far a drone's light reaches in units, and its name in CSS pixels. */
const bodyReach = 70;
const tagReach = 160;
/** Seconds within which news of a death belong to where the drone was seen last. */
const lately = 1;
/** Seconds in which a drone appears that walls have hidden, before it can be in sight. */
const appearing = 0.2;
/** The dark behind a health bar. */
const rim = 0x04060d;

export interface Place {
  x: number;
  y: number;
  colour: number;
}

/** What of a drone lasts from frame to frame. */
class Drone {
  hull: Texture = art.haze();
  gun: Texture = this.hull;
  shield: Texture = this.hull;
  nameTint = 0xffffff;
  /** Marked as the own one among team-mates of one colour. */
  marked = false;
  owner = 0;
  look = -1;
  birth = 0;
  x = 0;
  y = 0;
  colour = 0xffffff;
  seen = 0;
  /** Since when it has been in the picture, in seconds. */
  since = 0;
  wake = 0;
  kick = 0;
}

export class Drones {
  private readonly haze = art.haze();
  private readonly ring = art.ring();
  private readonly square = art.square();
  /** The own drone has a name too: it is seen from outside. */
  selfNamed = false;
  private readonly byOwner = new Map<number, Drone>();
  /** News of a death may come after the drone has left the picture: the own one's always does. */
  private readonly gone = new Map<number, Place & { at: number }>();
  private readonly free: Drone[] = [];
  private frame = 0;
  private time = 0;
  private readonly radius: number;
  private readonly f: Record<'x' | 'y' | 'aim' | 'weapon' | 'flags' | 'team' | 'health', number>;
  private readonly flag: { protected: number; dashing: number; firing: number; mega: number; armour: number };
  private readonly weapons: string[];

  constructor(
    schema: Schema,
    private readonly stage: Stage,
    private readonly effects: Effects,
    private readonly cast: Cast,
    private readonly layers: Layers,
  ) {
    const k = schema.kind('player');
    this.f = {
      x: k.at('x'),
      y: k.at('y'),
      aim: k.at('aim'),
      weapon: k.at('weapon'),
      flags: k.at('flags'),
      team: k.at('team'),
      health: k.at('health'),
    };
    this.flag = {
      protected: schema.constant('flagProtected'),
      dashing: schema.constant('flagDashing'),
      firing: schema.constant('flagFiring'),
      mega: schema.constant('flagMega'),
      armour: schema.constant('flagArmour'),
    };
    this.radius = schema.constant('bodyRadius');
    this.weapons = ['', ...schema.weapons.map((w) => w.name)];
  }

  /** Begins a frame; `end` hides every drone that was not drawn in it. */
  begin(dt: number): void {
    this.frame++;
    this.time += dt;
  }

  /** Draws the entity the picture stands at. `aim` in radians replaces its own, for the own drone. */
  draw(p: Picture, dt: number, aim: number | null): void {
    const w = p.words;
    const at = p.at;
    const drone = this.of(p.owner);
    const team = w[at + this.f.team];
    const flags = w[at + this.f.flags];
    const x = w[at + this.f.x] / 16;
    const y = w[at + this.f.y] / 16;
    this.dress(drone, p.owner, team, w[at + this.f.weapon]);
    if (drone.birth !== p.birth) {
      drone.birth = p.birth;
      drone.kick = 0;
    } else this.leaveWake(drone, x, y, dt, (flags & this.flag.dashing) !== 0);
    drone.x = x;
    drone.y = y;
    drone.seen = this.frame;
    const facing = aim ?? w[at + this.f.aim] * turn;
    drone.kick = Math.max(0, drone.kick - dt * 9);
    const status = this.cast.status(p.owner);
    const here = Math.min((this.time - drone.since) / appearing, 1);
    this.drawBody(drone, facing, flags, (status === 3 ? 0.5 : 1) * here);
    this.drawTag(drone, p.owner, w[at + this.f.health], (status === 0 ? 1 : 0.45) * here);
  }

  private drawBody(d: Drone, facing: number, flags: number, alpha: number): void {
    const { x, y } = d;
    if (!this.layers.hulls.sees(x, y, bodyReach)) return;
    const glow = flags & this.flag.mega ? 0.42 + 0.12 * Math.sin(this.time * 6) : 0.24;
    const lit = (this.radius * 4) / 64;
    this.layers.haze
      .add(this.haze)
      .at(x, y)
      .scaled(lit, lit)
      .tinted(d.colour, glow * alpha);
    if (d.marked) {
      const size = (this.radius + 8) / 60;
      this.layers.things
        .add(this.ring)
        .at(x, y)
        .scaled(size, size)
        .tinted(0xffffff, 0.5 * alpha);
    }
    const back = d.kick * 5;
    this.layers.things
      .add(d.gun)
      .at(x - Math.cos(facing) * back, y - Math.sin(facing) * back)
      .turned(facing)
      .tinted(0xffffff, alpha);
    this.layers.hulls.add(d.hull).at(x, y).turned(facing).tinted(0xffffff, alpha);
    if (flags & (this.flag.protected | this.flag.armour)) this.drawShield(d, flags, alpha);
  }

  /** The shimmer of who cannot be hurt, or the shine of armour. */
  private drawShield(d: Drone, flags: number, alpha: number): void {
    const safe = (flags & this.flag.protected) !== 0;
    const shine = safe ? 0.55 + 0.45 * Math.sin(this.time * 11) : 0.22;
    this.layers.light
      .add(d.shield)
      .at(d.x, d.y)
      .turned(this.time * (safe ? 2.4 : 0.5))
      .tinted(0xffffff, shine * alpha);
  }

  end(): void {
    for (const d of this.byOwner.values()) {
      if (d.seen === this.frame) continue;
      d.look = -1;
      this.byOwner.delete(d.owner);
      this.gone.set(d.owner, { x: d.x, y: d.y, colour: d.colour, at: this.time });
      this.free.push(d);
    }
  }

  /** Where a player's drone is drawn, or was drawn last; null if it never was. */
  find(owner: number): Place | null {
    return this.byOwner.get(owner) ?? this.gone.get(owner) ?? null;
  }

  /** Where a player's drone is or was a moment ago; null for one that has been behind walls. */
  findLately(owner: number): Place | null {
    const gone = this.gone.get(owner);
    return this.byOwner.get(owner) ?? (gone && this.time - gone.at < lately ? gone : null);
  }

  /** Lets the gun recoil. */
  kick(owner: number): void {
    const d = this.byOwner.get(owner);
    if (d) d.kick = 1;
  }

  private of(owner: number): Drone {
    let d = this.byOwner.get(owner);
    if (!d) {
      d = this.free.pop() ?? new Drone();
      d.birth = 0;
      d.owner = owner;
      d.since = this.time;
      this.byOwner.set(owner, d);
    }
    return d;
  }

  /** Changes the drone's textures when what they show has changed. */
  private dress(d: Drone, owner: number, team: number, carried: number): void {
    const colour = this.cast.colour(owner, team);
    const look = ((colour * 4 + team) * 8 + carried) | 0;
    if (look === d.look) return;
    d.look = look;
    d.colour = colour;
    const weapon = this.weapons[carried] ?? 'blaster';
    d.hull = art.drone(team, colour, this.radius);
    d.gun = art.carried(weapon, mix(colour, weaponColours[weapon] ?? colour, 0.65), this.radius);
    d.shield = art.bubble(mix(colour, 0xffffff, 0.35), this.radius);
    d.marked = team !== 0 && owner === this.cast.me;
    d.nameTint = mix(colour, 0xffffff, 0.55);
  }

  private leaveWake(d: Drone, x: number, y: number, dt: number, dashing: boolean): void {
    const moved = Math.hypot(x - d.x, y - d.y);
    if (moved > 120) return; // a jump in the picture is no movement
    if (dashing) this.effects.dash(x, y, d.colour);
    d.wake += moved;
    if (d.wake < 13 || dt <= 0) return;
    d.wake = 0;
    if (moved / dt > 120 && this.effects.amount > 0.5) {
      const a = Math.atan2(y - d.y, x - d.x);
      this.effects.trail(x - Math.cos(a) * this.radius, y - Math.sin(a) * this.radius, d.colour, 7, 0.26);
    }
  }

  /** Draws the health bar over a drone, and its name over that. */
  private drawTag(d: Drone, owner: number, tenths: number, alpha: number): void {
    const me = owner === this.cast.me;
    if (me && !this.selfNamed) return;
    const zoom = this.stage.camera.zoom;
    const wide = Math.max(30, 34 * zoom);
    const tall = Math.max(3, 3.4 * zoom);
    const x = Math.round(this.stage.screenX(d.x));
    const y = Math.round(this.stage.screenY(d.y) - (this.radius + 12) * zoom);
    if (!this.layers.bars.sees(x, y, tagReach)) return;
    const full = (wide * tenths) / 10;
    this.layers.bars
      .add(this.square)
      .at(x, y)
      .scaled(wide + 2, tall + 2)
      .tinted(rim, 0.7 * alpha);
    this.layers.bars
      .add(this.square)
      .at(x - (wide - full) / 2, y)
      .scaled(full, tall)
      .tinted(d.colour, alpha);
    const name = me ? 'You' : this.cast.name(owner);
    if (name === '') return;
    const size = Math.max(1, Math.min(1.5, zoom * 0.72));
    this.layers.names
      .add(label(name))
      .at(x, y - tall - 2 - 8 * size)
      .scaled(size, size)
      .tinted(d.nameTint, alpha);
  }
}
