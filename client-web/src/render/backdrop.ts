// What moves behind the menu: a quiet corner of an arena where a few drones drift and now and then
// shoot at each other. It is only a picture; no rules are at work.

import { Container, Sprite } from 'pixi.js';
import { settings } from '../settings';
import * as art from './art';
import { Effects } from './effects';
import { Ground, tileSize } from './ground';
import { Layer } from './layer';
import { palettes, weaponColours } from './palette';
import type { Stage } from './stage';

const map = [
  '##############################',
  '#............................#',
  '#..###......~~~~.......###...#',
  '#..#........~~~~.........#...#',
  '#..#.....................#...#',
  '#........####....####........#',
  '#........#..........#........#',
  '#............................#',
  '#....~~..............~~......#',
  '#....~~......####....~~......#',
  '#............####............#',
  '#....~~..............~~......#',
  '#....~~..............~~......#',
  '#........#..........#........#',
  '#........####....####........#',
  '#..#.....................#...#',
  '#..#........~~~~.........#...#',
  '#..###......~~~~.......###...#',
  '#............................#',
  '##############################',
];
const radius = 14;
const weapons = ['rail', 'blaster', 'shotgun', 'plasma', 'rocket'];

interface Ghost {
  body: Container;
  hull: Sprite;
  gun: Sprite;
  weapon: string;
  colour: number;
  phase: number;
  speed: number;
  nextShot: number;
}

export class Backdrop {
  readonly layer = new Container();
  private readonly effects: Effects;
  private readonly floor: Layer;
  private readonly haze: Layer;
  private readonly light: Layer;
  private readonly ghosts: Ghost[] = [];
  private time = 0;
  private drawn = false;

  constructor(private readonly stage: Stage) {
    const { seen } = stage.camera;
    this.floor = new Layer('normal', seen);
    this.haze = new Layer('add', seen);
    this.light = new Layer('add', seen);
    this.effects = new Effects(this.floor, this.haze, this.light);
    const ground = new Ground();
    const width = map[0].length;
    ground.build({
      width,
      height: map.length,
      tiles: Uint8Array.from(map.join(''), (c) => (c === '#' ? 1 : c === '~' ? 2 : 0)),
    });
    const bodies = new Container();
    this.layer.addChild(
      ground.under,
      this.floor.container,
      this.haze.container,
      ground.over,
      bodies,
      this.light.container,
    );
    weapons.forEach((weapon, i) => {
      const g = ghost(weapon, i);
      bodies.addChild(g.body);
      this.ghosts.push(g);
    });
    stage.world.addChild(this.layer);
  }

  draw(dt: number): void {
    const still = settings.peek().reducedMotion;
    if (still && this.drawn) dt = 0;
    this.drawn = true;
    this.time += dt * 0.55;
    const midX = (map[0].length * tileSize) / 2;
    const midY = (map.length * tileSize) / 2;
    const c = this.stage.camera;
    c.bound(0, 0);
    c.cut();
    c.follow(midX + Math.sin(this.time * 0.21) * 60, midY + Math.cos(this.time * 0.17) * 40, 0, 0, dt, false);
    for (const g of this.ghosts) this.move(g, midX, midY, dt);
    this.effects.step(dt);
    for (const l of [this.floor, this.haze, this.light]) l.end();
  }

  private move(g: Ghost, midX: number, midY: number, dt: number): void {
    const t = this.time * g.speed + g.phase;
    const x = midX + Math.sin(t) * 330 + Math.sin(t * 2.3) * 40;
    const y = midY + Math.sin(t * 1.31 + g.phase) * 190;
    const turnTo = Math.atan2(y - g.body.y, x - g.body.x);
    if (dt > 0) {
      const turn = Math.atan2(Math.sin(turnTo - g.hull.rotation), Math.cos(turnTo - g.hull.rotation));
      g.hull.rotation += turn * Math.min(1, dt * 4);
    } else g.hull.rotation = t;
    g.gun.rotation = g.hull.rotation;
    g.body.position.set(x, y);
    if (dt > 0 && Math.random() < dt * 16) {
      this.effects.trail(x - Math.cos(turnTo) * radius, y - Math.sin(turnTo) * radius, g.colour, 7, 0.4);
    }
    g.nextShot -= dt;
    if (g.nextShot < 0) {
      g.nextShot = 1.6 + Math.random() * 3;
      this.shoot(g);
    }
  }

  private shoot(g: Ghost): void {
    const other = this.ghosts[Math.floor(Math.random() * this.ghosts.length)];
    if (other === g) return;
    const colour = weaponColours[g.weapon];
    const { x, y } = g.body;
    const a = Math.atan2(other.body.y - y, other.body.x - x);
    g.hull.rotation = a;
    const x0 = x + Math.cos(a) * 24;
    const y0 = y + Math.sin(a) * 24;
    this.effects.muzzle(x0, y0, a, colour, 1);
    if (g.weapon === 'rail') {
      this.effects.beam(x0, y0, other.body.x, other.body.y, colour, 8, 0.6);
      this.effects.coil(x0, y0, other.body.x, other.body.y, colour);
    } else this.effects.tracer(x0, y0, other.body.x, other.body.y, colour, 0.9, 1500);
    if (g.weapon === 'rocket') this.effects.explosion(other.body.x, other.body.y, 60, colour);
    else this.effects.bleed(other.body.x, other.body.y, a, other.colour, 20);
  }
}

function ghost(weapon: string, i: number): Ghost {
  const palette = palettes.neon;
  const colour = i === 0 ? palette.own : palette.others[i - 1];
  const body = new Container();
  const light = new Sprite(art.haze());
  const hull = new Sprite(art.drone(i % 3, colour, radius));
  const gun = new Sprite(art.carried(weapon, weaponColours[weapon], radius));
  for (const s of [light, gun, hull]) s.anchor.set(0.5);
  light.blendMode = 'add';
  light.tint = colour;
  light.alpha = 0.28;
  light.scale.set(1);
  body.addChild(light, gun, hull);
  return {
    body,
    hull,
    gun,
    weapon,
    colour,
    phase: i * 1.9 + 0.7,
    speed: 0.32 + i * 0.05,
    nextShot: 1 + i * 0.8,
  };
}
