// The drones: bodies in the world, name tags and health bars over it.

import { Container, Sprite, Text, Texture } from 'pixi.js';
import type { Picture } from '../picture';
import * as art from '../render/art';
import type { Effects } from '../render/effects';
import { mix, weaponColours } from '../render/palette';
import type { Stage } from '../render/stage';
import type { Schema } from '../schema';
import type { Cast } from './cast';

const turn = (Math.PI * 2) / 256;
const tagFont = "'Oxanium Variable', system-ui, sans-serif";

export interface Place {
  x: number;
  y: number;
  colour: number;
}

class Drone {
  readonly body = new Container();
  readonly tag = new Container();
  readonly light = new Sprite(art.haze());
  readonly hull = new Sprite();
  readonly gun = new Sprite();
  readonly shield = new Sprite();
  /** Marks the own drone among team-mates of one colour. */
  readonly halo = new Sprite(art.ring());
  readonly label = new Text({
    text: '',
    resolution: 2,
    style: {
      fontFamily: tagFont,
      fontSize: 12,
      fontWeight: '600',
      fill: 0xffffff,
      stroke: { color: 0x04060d, width: 3 },
    },
  });
  readonly barBack = new Sprite(Texture.WHITE);
  readonly bar = new Sprite(Texture.WHITE);
  look = -1;
  name = '';
  birth = 0;
  x = 0;
  y = 0;
  colour = 0xffffff;
  seen = 0;
  wake = 0;
  kick = 0;

  constructor() {
    for (const s of [this.light, this.hull, this.gun, this.shield, this.halo]) s.anchor.set(0.5);
    this.halo.alpha = 0.5;
    this.light.blendMode = 'add';
    this.shield.blendMode = 'add';
    this.body.addChild(this.light, this.halo, this.gun, this.hull, this.shield);
    this.label.anchor.set(0.5, 1);
    this.barBack.anchor.set(0, 0.5);
    this.bar.anchor.set(0, 0.5);
    this.barBack.tint = 0x04060d;
    this.barBack.alpha = 0.7;
    this.tag.addChild(this.barBack, this.bar, this.label);
  }
}

export class Drones {
  readonly bodies = new Container();
  readonly tags = new Container();
  /** The own drone has a name too: it is seen from outside. */
  selfNamed = false;
  private readonly byOwner = new Map<number, Drone>();
  /** News of a death may come after the drone has left the picture: the own one's always does. */
  private readonly gone = new Map<number, Place>();
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
    const weapon = this.weapons[w[at + this.f.weapon]] ?? 'blaster';
    const flags = w[at + this.f.flags];
    const x = w[at + this.f.x] / 16;
    const y = w[at + this.f.y] / 16;
    this.dress(drone, p.owner, team, weapon);
    if (drone.birth !== p.birth) {
      drone.birth = p.birth;
      drone.kick = 0;
    } else this.leaveWake(drone, x, y, dt, (flags & this.flag.dashing) !== 0);
    drone.x = x;
    drone.y = y;
    drone.seen = this.frame;
    const facing = aim ?? w[at + this.f.aim] * turn;
    drone.kick = Math.max(0, drone.kick - dt * 9);
    drone.body.position.set(x, y);
    drone.hull.rotation = facing;
    drone.gun.rotation = facing;
    drone.gun.position.set(-Math.cos(facing) * drone.kick * 5, -Math.sin(facing) * drone.kick * 5);
    drone.light.alpha = flags & this.flag.mega ? 0.42 + 0.12 * Math.sin(this.time * 6) : 0.24;
    drone.shield.visible = (flags & (this.flag.protected | this.flag.armour)) !== 0;
    if (flags & this.flag.protected) {
      drone.shield.alpha = 0.55 + 0.45 * Math.sin(this.time * 11);
      drone.shield.rotation = this.time * 2.4;
    } else {
      drone.shield.alpha = 0.22;
      drone.shield.rotation = this.time * 0.5;
    }
    this.placeTag(drone, p.owner, w[at + this.f.health]);
  }

  end(): void {
    for (const [owner, d] of this.byOwner) {
      if (d.seen === this.frame) continue;
      d.body.removeFromParent();
      d.tag.removeFromParent();
      d.look = -1;
      this.byOwner.delete(owner);
      this.gone.set(owner, { x: d.x, y: d.y, colour: d.colour });
      this.free.push(d);
    }
  }

  /** Where a player's drone is drawn, or was drawn last; null if it never was. */
  find(owner: number): Place | null {
    return this.byOwner.get(owner) ?? this.gone.get(owner) ?? null;
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
      this.byOwner.set(owner, d);
      this.bodies.addChild(d.body);
      this.tags.addChild(d.tag);
    }
    return d;
  }

  /** Changes the drone's textures when what they show has changed. */
  private dress(d: Drone, owner: number, team: number, weapon: string): void {
    const colour = this.cast.colour(owner, team);
    const look = ((colour * 4 + team) * 8 + this.weapons.indexOf(weapon)) | 0;
    if (look === d.look) return;
    d.look = look;
    d.colour = colour;
    d.hull.texture = art.drone(team, colour, this.radius);
    d.gun.texture = art.carried(weapon, mix(colour, weaponColours[weapon] ?? colour, 0.65), this.radius);
    d.shield.texture = art.bubble(mix(colour, 0xffffff, 0.35), this.radius);
    d.light.tint = colour;
    d.halo.visible = team !== 0 && owner === this.cast.me;
    d.halo.scale.set((this.radius + 8) / 60);
    d.light.scale.set((this.radius * 4) / 64);
    d.label.style.fill = mix(colour, 0xffffff, 0.55);
    d.bar.tint = colour;
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

  private placeTag(d: Drone, owner: number, tenths: number): void {
    const me = owner === this.cast.me;
    const mine = me && !this.selfNamed;
    const name = mine ? '' : me ? 'You' : this.cast.name(owner);
    if (name !== d.name) {
      d.name = name;
      d.label.text = name;
    }
    d.tag.visible = !mine;
    d.tag.alpha = this.cast.status(owner) === 0 ? 1 : 0.45;
    d.body.alpha = this.cast.status(owner) === 3 ? 0.5 : 1;
    if (mine) return;
    const zoom = this.stage.camera.zoom;
    const wide = Math.max(30, 34 * zoom);
    const tall = Math.max(3, 3.4 * zoom);
    d.tag.position.set(
      Math.round(this.stage.screenX(d.x)),
      Math.round(this.stage.screenY(d.y) - (this.radius + 12) * zoom),
    );
    d.label.position.set(0, -tall - 2);
    d.label.scale.set(Math.max(1, Math.min(1.5, zoom * 0.72)));
    d.barBack.position.set(-wide / 2 - 1, 0);
    d.barBack.width = wide + 2;
    d.barBack.height = tall + 2;
    d.bar.position.set(-wide / 2, 0);
    d.bar.width = (wide * tenths) / 10;
    d.bar.height = tall;
  }
}
