// Everything that flares up and fades: sparks, smoke, rings, beams, flashes. Each is a sprite that
// moves, grows and fades between two values over its life. Sprites are pooled: a frame full of
// sparks allocates nothing.

import { Container, Sprite, Texture } from 'pixi.js';

export class Puff {
  readonly sprite = new Sprite(Texture.EMPTY);
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

  constructor() {
    this.sprite.anchor.set(0.5);
  }

  at(x: number, y: number, rotation = 0): this {
    this.sprite.position.set(x, y);
    this.sprite.rotation = rotation;
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

  show(): void {
    const t = this.age / this.life;
    const s = this.sprite;
    s.scale.set(this.scaleX + (this.growX - this.scaleX) * t, this.scaleY + (this.growY - this.scaleY) * t);
    s.alpha = this.alpha * (1 - t ** this.fade);
  }
}

export class Puffs {
  readonly layer = new Container();
  private readonly live: Puff[] = [];
  private readonly free: Puff[] = [];

  constructor(
    private readonly most: number,
    blend: 'add' | 'normal',
  ) {
    this.layer.blendMode = blend;
  }

  /** Starts one. When all are in use the oldest gives way. */
  take(texture: Texture, tint: number, life: number, alpha = 1): Puff {
    const p = this.free.pop() ?? (this.live.length < this.most ? this.fresh() : this.oldest());
    this.live.push(p);
    p.sprite.texture = texture;
    p.sprite.tint = tint;
    p.sprite.visible = true;
    p.life = life;
    p.alpha = alpha;
    p.age = p.vx = p.vy = p.drag = p.spin = 0;
    p.fade = 1;
    return p.size(1, 1);
  }

  private fresh(): Puff {
    const p = new Puff();
    this.layer.addChild(p.sprite);
    return p;
  }

  private oldest(): Puff {
    const p = this.live[0];
    this.live.splice(0, 1);
    return p;
  }

  step(dt: number): void {
    let kept = 0;
    for (let i = 0; i < this.live.length; i++) {
      const p = this.live[i];
      p.age += dt;
      if (p.age >= p.life) {
        p.sprite.visible = false;
        this.free.push(p);
        continue;
      }
      const keep = Math.exp(-p.drag * dt);
      p.vx *= keep;
      p.vy *= keep;
      p.sprite.x += p.vx * dt;
      p.sprite.y += p.vy * dt;
      p.sprite.rotation += p.spin * dt;
      p.show();
      this.live[kept++] = p;
    }
    this.live.length = kept;
  }

  clear(): void {
    for (const p of this.live) {
      p.sprite.visible = false;
      this.free.push(p);
    }
    this.live.length = 0;
  }
}
