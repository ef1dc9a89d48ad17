// A layer of shapes that all move: told anew in every frame, drawn with one call for each texture they come
// from. Nothing in it is kept from frame to frame, so nothing has to be made, hidden or found again.

import { Container, Particle, ParticleContainer, type Texture, type TextureSource } from 'pixi.js';
import { sharing } from './atlas';

/** What can be seen, in the units of a layer. */
export interface Seen {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * One shape of a layer, in its middle, unturned and white until told otherwise. Each of these takes a few
 * numbers only, so that they are compiled in place: numbers handed to a function that is not become garbage.
 */
export class Shape extends Particle {
  at(x: number, y: number): this {
    this.x = x;
    this.y = y;
    return this;
  }

  /** By radians, round its middle. */
  turned(angle: number): this {
    this.rotation = angle;
    return this;
  }

  scaled(x: number, y: number): this {
    this.scaleX = x;
    this.scaleY = y;
    return this;
  }

  /** Multiplies its colour, and lets shine through what is behind. Particle's own setters parse colours. */
  tinted(tint: number, alpha: number): this {
    this.color = ((tint & 255) << 16) | (tint & 0xff00) | (tint >> 16) | ((alpha * 255) << 24);
    return this;
  }
}

const white = -1;
const all = { position: true, rotation: true, vertex: true, uvs: true, color: true };

/** The shapes of a layer that come from one texture. */
class Sheet {
  readonly container: ParticleContainer;
  private readonly pool: Shape[] = [];
  private count = 0;

  constructor(texture: Texture) {
    this.container = new ParticleContainer({ texture, dynamicProperties: all });
  }

  next(texture: Texture): Shape {
    const n = this.count++;
    let p = this.pool[n];
    if (!p) {
      p = new Shape({ texture, anchorX: 0.5, anchorY: 0.5 });
      this.pool.push(p);
    }
    const shown = this.container.particleChildren;
    if (n < shown.length) shown[n] = p;
    else shown.push(p);
    p.texture = texture;
    p.rotation = 0;
    p.scaleX = p.scaleY = 1;
    p.color = white;
    return p;
  }

  /** Takes away what was there in the last frame and is not in this. */
  end(): void {
    this.container.particleChildren.length = this.count;
    this.count = 0;
  }
}

export class Layer {
  readonly container = new Container();
  private readonly sheets: Sheet[] = [];
  private readonly bySource = new Map<TextureSource, Sheet>();
  private last: Sheet | undefined;
  private lastSource: TextureSource | undefined;

  constructor(
    blend: 'add' | 'normal',
    private readonly seen: Seen,
  ) {
    this.container.blendMode = blend;
  }

  /** Whether anything of what reaches that far round a place can be seen. */
  sees(x: number, y: number, reach: number): boolean {
    const { left, right, top, bottom } = this.seen;
    return x + reach > left && x - reach < right && y + reach > top && y - reach < bottom;
  }

  /** Adds a shape to this frame. */
  add(texture: Texture): Shape {
    return this.sheet(texture).next(texture);
  }

  /** Ends a frame: what was not added in it is gone. */
  end(): void {
    for (const s of this.sheets) s.end();
  }

  private sheet(texture: Texture): Sheet {
    const { source } = texture;
    if (this.last && this.lastSource === source) return this.last;
    let s = this.bySource.get(source);
    if (!s) {
      s = this.freshSheet(texture);
      this.bySource.set(source, s);
    }
    this.last = s;
    this.lastSource = source;
    return s;
  }

  private freshSheet(texture: Texture): Sheet {
    // The canvas renderer draws each shape from its own texture and needs no second sheet, which would put
    // the order of the shapes out.
    if (!sharing() && this.sheets.length > 0) return this.sheets[0];
    const s = new Sheet(texture);
    this.sheets.push(s);
    this.container.addChild(s.container);
    return s;
  }
}
