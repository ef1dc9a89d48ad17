// Everything that flares up and fades: sparks, smoke, rings, beams, flashes. Each moves, grows and fades
// between two values over its life. They are pooled: a frame full of sparks allocates nothing.

import type { Texture } from 'pixi.js';
import type { Layer } from './layer';

export class Puff {
  x = 0;
  y = 0;
  rotation = 0;
  tint = 0xffffff;
  /** Seconds. */
  life = 1;
  age = 0;
  /** Units per second, and the share of it lost per second. */
  vx = 0;
  vy = 0;
  drag = 0;
  spin = 0;
  scaleX = 1;
  scaleY = 1;
  growX = 1;
  growY = 1;
  alpha = 1;
  /** Above 1 the fade starts slowly, below 1 quickly. */
  fade = 1;

  constructor(public texture: Texture) {}

  at(x: number, y: number, rotation = 0): this {
    this.x = x;
    this.y = y;
    this.rotation = rotation;
    return this;
  }

  /** The scale at the beginning and at the end. */
  size(from: number, to: number): this {
    this.scaleX = this.scaleY = from;
    this.growX = this.growY = to;
    return this;
  }

  move(vx: number, vy: number, drag: number): this {
    this.vx = vx;
    this.vy = vy;
    this.drag = drag;
    return this;
  }

  /** Lets time pass. False when its life is over. */
  step(dt: number): boolean {
    this.age += dt;
    if (this.age >= this.life) return false;
    if (this.drag > 0) {
      const keep = Math.exp(-this.drag * dt);
      this.vx *= keep;
      this.vy *= keep;
    }
    this.x += this.vx * dt;
    this.y += this.vy * dt;
    this.rotation += this.spin * dt;
    return true;
  }

  draw(layer: Layer): void {
    const t = this.age / this.life;
    const wide = this.scaleX + (this.growX - this.scaleX) * t;
    const tall = this.scaleY + (this.growY - this.scaleY) * t;
    const { width, height } = this.texture.orig;
    if (!layer.sees(this.x, this.y, (width * wide + height * tall) / 2)) return;
    layer
      .add(this.texture)
      .at(this.x, this.y)
      .turned(this.rotation)
      .scaled(wide, tall)
      .tinted(this.tint, this.alpha * (1 - (this.fade === 1 ? t : t ** this.fade)));
  }
}

export class Puffs {
  private readonly live: Puff[] = [];
  private readonly free: Puff[] = [];
  /** Where the oldest is: as many are in use as there may be. */
  private turn = 0;

  constructor(
    private readonly most: number,
    private readonly layer: Layer,
  ) {}

  /** Starts one. When all are in use an old one gives way. */
  take(texture: Texture, tint: number, life: number, alpha = 1): Puff {
    const p = this.next(texture);
    p.texture = texture;
    p.tint = tint;
    p.life = life;
    p.alpha = alpha;
    p.age = p.vx = p.vy = p.drag = p.spin = 0;
    p.fade = 1;
    return p.size(1, 1);
  }

  private next(texture: Texture): Puff {
    if (this.live.length >= this.most) {
      this.turn = (this.turn + 1) % this.live.length;
      return this.live[this.turn];
    }
    const p = this.free.pop() ?? new Puff(texture);
    this.live.push(p);
    return p;
  }

  /** Lets time pass, and draws. */
  step(dt: number): void {
    let kept = 0;
    for (const p of this.live) {
      if (p.step(dt)) {
        p.draw(this.layer);
        this.live[kept++] = p;
      } else this.free.push(p);
    }
    this.live.length = kept;
    this.turn = 0;
  }

  clear(): void {
    for (const p of this.live) this.free.push(p);
    this.live.length = 0;
  }
}
