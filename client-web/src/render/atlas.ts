// Where baked shapes are kept: side by side on a few large textures, since a draw call can take from one
// only. The canvas renderer draws from any number, and gets a canvas for each shape.

import { CanvasSource, Rectangle, Texture } from 'pixi.js';

/** Pixels between two shapes, so that neither bleeds into the other when the picture is made smaller. */
const gap = 8;

export type Draw = (c: CanvasRenderingContext2D) => void;

function surface(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const c = canvas.getContext('2d');
  if (!c) throw new Error('This browser cannot draw.');
  return c;
}

/** Draws into a box of that size, its origin in the middle, and nothing outside. */
function drawIn(c: CanvasRenderingContext2D, x: number, y: number, box: Box, draw: Draw): void {
  c.save();
  c.beginPath();
  c.rect(x, y, Math.ceil(box.width * box.scale), Math.ceil(box.height * box.scale));
  c.clip();
  c.translate(x, y);
  c.scale(box.scale, box.scale);
  c.translate(box.width / 2, box.height / 2);
  draw(c);
  c.restore();
}

/** A shape's size in units, and pixels for each of them. */
interface Box {
  width: number;
  height: number;
  scale: number;
}

/** One large texture, filled row by row. */
class Page {
  readonly source: CanvasSource;
  dirty = false;
  private readonly context: CanvasRenderingContext2D;
  private x = 0;
  private y = 0;
  private tall = 0;

  constructor(private readonly side: number) {
    this.context = surface(side, side);
    this.source = new CanvasSource({ resource: this.context.canvas, autoGenerateMipmaps: true });
  }

  /** Draws a shape where there is room; null if there is none. */
  add(box: Box, draw: Draw): Texture | null {
    const width = Math.ceil(box.width * box.scale);
    const height = Math.ceil(box.height * box.scale);
    if (this.x + width > this.side) {
      this.x = 0;
      this.y += this.tall + gap;
      this.tall = 0;
    }
    if (this.x + width > this.side || this.y + height > this.side) return null;
    const { x, y } = this;
    this.x += width + gap;
    this.tall = Math.max(this.tall, height);
    drawIn(this.context, x, y, box, draw);
    this.dirty = true;
    return new Texture({
      source: this.source,
      frame: new Rectangle(x, y, width, height),
      orig: new Rectangle(0, 0, box.width, box.height),
    });
  }

  clear(): void {
    this.x = this.y = this.tall = 0;
    this.context.clearRect(0, 0, this.side, this.side);
  }
}

/** Whether shapes share textures: not for the canvas renderer. */
let shared = true;
const atlases: Atlas[] = [];

/** Keeps a canvas for each shape. To be called before the first is drawn. */
export function shareNothing(): void {
  shared = false;
}

export const sharing = (): boolean => shared;

/** Hands what was drawn since the last call to the renderer. */
export function flushAtlases(): void {
  for (const a of atlases) a.flush();
}

/** Shapes by name. */
export class Atlas {
  private readonly made = new Map<string, Texture>();
  private readonly pages: Page[] = [];
  /** The one that is being filled. */
  private page = 0;

  /** Its textures have that many pixels a side. When `most` of them are full it forgets all and starts again. */
  constructor(
    private readonly side: number,
    private readonly most = Number.POSITIVE_INFINITY,
  ) {
    atlases.push(this);
  }

  /** The shape by that name, drawn if it is not known yet. Not to be kept where `most` is set. */
  shape(name: string, box: Box, draw: Draw): Texture {
    const known = this.made.get(name);
    if (known) return known;
    const texture = shared ? this.place(box, draw) : alone(box, draw);
    this.made.set(name, texture);
    return texture;
  }

  /** The shape by that name if it is drawn already. */
  known(name: string): Texture | undefined {
    return this.made.get(name);
  }

  private place(box: Box, draw: Draw): Texture {
    if (Math.max(box.width, box.height) * box.scale > this.side) return alone(box, draw);
    for (;;) {
      this.pages[this.page] ??= new Page(this.side);
      const texture = this.pages[this.page].add(box, draw);
      if (texture) return texture;
      if (++this.page === this.most) this.forget();
    }
  }

  private forget(): void {
    this.page = 0;
    this.made.clear();
    for (const p of this.pages) p.clear();
  }

  flush(): void {
    for (const p of this.pages) {
      if (!p.dirty) continue;
      p.dirty = false;
      p.source.update();
    }
  }
}

/** A shape with a canvas of its own. */
function alone(box: Box, draw: Draw): Texture {
  const c = surface(Math.ceil(box.width * box.scale), Math.ceil(box.height * box.scale));
  drawIn(c, 0, 0, box, draw);
  return new Texture({
    source: new CanvasSource({ resource: c.canvas, resolution: box.scale, autoGenerateMipmaps: true }),
  });
}
