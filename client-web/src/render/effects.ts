// The vocabulary of effects, each made of a few puffs: what a game's drawing calls by name.

import * as art from './art';
import type { Layer } from './layer';
import { mix } from './palette';
import { Puffs } from './puffs';

/** The radius of the ring texture, in units. */
const ringRadius = 60;
/** The length of beam and tracer textures, in units. */
const beamLength = 64;

export class Effects {
  /** 0 to 1: how many sparks. Reduced motion sets it low. */
  amount = 1;

  private readonly marks: Puffs;
  private readonly smoke: Puffs;
  private readonly light: Puffs;
  private readonly haze = art.haze();
  private readonly spark = art.spark();
  private readonly ringTexture = art.ring();
  private readonly core = art.beam(true);
  private readonly glow = art.beam(false);
  private readonly tracerTexture = art.tracer();
  private readonly flashTexture = art.flash();
  private readonly scorchTexture = art.scorch();

  /** `floor` has scorch marks, `haze` smoke, which glows, and `light` what is over the drones. */
  constructor(floor: Layer, haze: Layer, light: Layer) {
    this.marks = new Puffs(24, floor);
    this.smoke = new Puffs(90, haze);
    this.light = new Puffs(420, light);
  }

  /** Lets time pass, and draws. */
  step(dt: number): void {
    this.marks.step(dt);
    this.smoke.step(dt);
    this.light.step(dt);
  }

  clear(): void {
    this.marks.clear();
    this.smoke.clear();
    this.light.clear();
  }

  /** Sparks flying from a point within `spread` radians round `angle`. */
  sparks(
    x: number,
    y: number,
    angle: number,
    spread: number,
    count: number,
    colour: number,
    speed: number,
  ): void {
    for (let n = Math.ceil(count * this.amount); n > 0; n--) {
      const a = angle + (Math.random() - 0.5) * spread;
      const v = speed * (0.25 + Math.random() * 0.75);
      const p = this.light
        .take(
          this.spark,
          Math.random() < 0.3 ? mix(colour, 0xffffff, 0.6) : colour,
          0.18 + Math.random() * 0.34,
        )
        .at(x, y, a)
        .move(Math.cos(a) * v, Math.sin(a) * v, 4.5);
      p.scaleX = 0.35 + (v / speed) * 0.6;
      p.scaleY = 0.5;
      p.growX = 0.1;
      p.growY = 0.2;
    }
  }

  /** A patch of light. */
  flare(x: number, y: number, radius: number, colour: number, life: number, alpha = 1): void {
    this.light
      .take(this.haze, colour, life, alpha)
      .at(x, y)
      .size(radius / 64, (radius * 0.7) / 64);
  }

  ring(x: number, y: number, radius: number, colour: number, life: number, alpha = 0.9): void {
    this.light
      .take(this.ringTexture, colour, life, alpha)
      .at(x, y)
      .size(0.12, radius / ringRadius);
  }

  /** A puff of glowing smoke left behind. */
  trail(x: number, y: number, colour: number, size: number, life: number): void {
    this.smoke
      .take(this.haze, colour, life * (0.7 + Math.random() * 0.6), 0.5)
      .at(x + (Math.random() - 0.5) * 4, y + (Math.random() - 0.5) * 4)
      .size(size / 64, (size * 2.2) / 64);
  }

  muzzle(x: number, y: number, angle: number, colour: number, size: number): void {
    const p = this.light.take(this.flashTexture, mix(colour, 0xffffff, 0.35), 0.075).at(x, y, angle);
    p.scaleX = size;
    p.scaleY = size * (0.7 + Math.random() * 0.5);
    p.growX = size * 1.25;
    p.growY = size * 0.3;
    this.flare(x, y, 46 * size, colour, 0.12, 0.75);
  }

  /** A straight ray whose core fades after its glow. */
  beam(x0: number, y0: number, x1: number, y1: number, colour: number, width: number, life: number): void {
    const angle = Math.atan2(y1 - y0, x1 - x0);
    const length = Math.hypot(x1 - x0, y1 - y0) / beamLength;
    const x = (x0 + x1) / 2;
    const y = (y0 + y1) / 2;
    const glow = this.light.take(this.glow, colour, life * 0.8, 0.85).at(x, y, angle);
    glow.scaleX = glow.growX = length;
    glow.scaleY = width / 6;
    glow.growY = width / 2.4;
    const core = this.light.take(this.core, mix(colour, 0xffffff, 0.85), life).at(x, y, angle);
    core.scaleX = core.growX = length;
    core.scaleY = width / 22;
    core.growY = 0.02;
    core.fade = 2;
  }

  /** Sparks curling round a ray, left hanging in the air. */
  coil(x0: number, y0: number, x1: number, y1: number, colour: number): void {
    const length = Math.hypot(x1 - x0, y1 - y0);
    const ux = (x1 - x0) / length;
    const uy = (y1 - y0) / length;
    const step = 13 / Math.max(0.3, this.amount);
    for (let d = 20; d < Math.min(length, 1300); d += step) {
      const swing = Math.sin(d * 0.09) * 7;
      const p = this.light
        .take(this.haze, colour, 0.35 + Math.random() * 0.45, 0.8)
        .at(x0 + ux * d - uy * swing, y0 + uy * d + ux * swing)
        .size(0.085, 0.02);
      p.move(-uy * swing * 2.5, ux * swing * 2.5, 1);
    }
  }

  /** A streak that flies from one point to the other. */
  tracer(x0: number, y0: number, x1: number, y1: number, colour: number, width: number, speed: number): void {
    const dx = x1 - x0;
    const dy = y1 - y0;
    const distance = Math.hypot(dx, dy);
    if (distance < 4) return;
    const angle = Math.atan2(dy, dx);
    const streak = Math.min(distance, 110);
    const ux = dx / distance;
    const uy = dy / distance;
    const life = Math.max(0.03, (distance - streak) / speed);
    const p = this.light
      .take(this.tracerTexture, colour, life + 0.05)
      .at(x0 + (ux * streak) / 2, y0 + (uy * streak) / 2, angle)
      .move((ux * (distance - streak)) / (life + 0.05), (uy * (distance - streak)) / (life + 0.05), 0);
    p.scaleX = p.growX = streak / beamLength;
    p.scaleY = width;
    p.growY = width * 0.6;
    p.fade = 3;
  }

  /** A hit on a wall: sparks thrown back along the shot. */
  impact(x: number, y: number, angle: number, colour: number): void {
    this.sparks(x, y, angle + Math.PI, 1.9, 5, colour, 190);
    this.flare(x, y, 20, colour, 0.14, 0.8);
  }

  /** A hit on a drone. */
  bleed(x: number, y: number, angle: number, colour: number, damage: number): void {
    this.sparks(x, y, angle, 2.4, 4 + damage / 7, colour, 260);
    this.flare(x, y, 26 + damage / 3, colour, 0.16, 0.9);
  }

  explosion(x: number, y: number, radius: number, colour: number): void {
    this.flare(x, y, radius * 1.5, 0xffffff, 0.12, 1);
    this.flare(x, y, radius * 1.9, colour, 0.42, 0.95);
    this.ring(x, y, radius * 1.15, mix(colour, 0xffffff, 0.4), 0.38);
    this.sparks(x, y, 0, Math.PI * 2, 26, colour, 430);
    for (let n = Math.ceil(9 * this.amount); n > 0; n--) {
      const a = Math.random() * Math.PI * 2;
      const r = Math.random() * radius * 0.5;
      this.trail(x + Math.cos(a) * r, y + Math.sin(a) * r, mix(colour, 0x301020, 0.35), radius * 0.32, 0.7);
    }
    this.marks
      .take(this.scorchTexture, 0xffffff, 7, 0.8)
      .at(x, y)
      .size(radius / 80, radius / 76);
  }

  /** The end of a drone. */
  destroyed(x: number, y: number, colour: number): void {
    this.explosion(x, y, 52, colour);
    this.sparks(x, y, 0, Math.PI * 2, 22, mix(colour, 0xffffff, 0.5), 300);
    this.ring(x, y, 95, colour, 0.6, 0.6);
  }

  /** A drone appears. */
  arrival(x: number, y: number, colour: number): void {
    const p = this.light.take(this.ringTexture, colour, 0.45, 0.9).at(x, y).size(1.5, 0.25);
    p.fade = 2;
    this.flare(x, y, 80, colour, 0.5, 0.8);
    this.sparks(x, y, 0, Math.PI * 2, 12, colour, 150);
  }

  /** Something was picked up. */
  pickedUp(x: number, y: number, colour: number): void {
    this.ring(x, y, 34, colour, 0.32);
    this.sparks(x, y, 0, Math.PI * 2, 9, colour, 150);
  }

  /** The wake of a dash. */
  dash(x: number, y: number, colour: number): void {
    this.light.take(this.haze, colour, 0.22, 0.5).at(x, y).size(0.36, 0.08);
  }
}
