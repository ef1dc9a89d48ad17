// The ground of a match: a dark floor with a quiet grid, walls with glowing edges, pits. The soft
// parts are drawn once into a few large textures; the edges are lines, so that they stay crisp at
// every zoom.

import { CanvasSource, Container, Graphics, Sprite, Texture } from 'pixi.js';
import type { GameMap } from '../core';
import { type Loop, loops } from './contours';
import { ground as colours, css } from './palette';

export const tileSize = 32;
const wall = 1;
const low = 2;
/** Texture pixels over all chunks: 24 MB of video memory. */
const pixelBudget = 6e6;
/** Units along a chunk's side. */
const chunkSide = 1024;
/** How far glows reach over a chunk's border. */
const border = 48;

export class Ground {
  readonly under = new Container();
  readonly over = new Container();
  private chunks: Texture[] = [];

  build(map: Pick<GameMap, 'width' | 'height' | 'tiles'>): void {
    this.clear();
    const width = map.width * tileSize;
    const height = map.height * tileSize;
    const scale = Math.min(2, Math.sqrt(pixelBudget / (width * height)));
    const walls = loops(map.width, map.height, (x, y) => tileAt(map, x, y) === wall);
    const pits = loops(map.width, map.height, (x, y) => tileAt(map, x, y) === low);
    for (let y = -border; y < height + border; y += chunkSide) {
      for (let x = -border; x < width + border; x += chunkSide) {
        const w = Math.min(chunkSide, width + border - x);
        const h = Math.min(chunkSide, height + border - y);
        this.addChunk(x, y, w, h, scale, (c) =>
          paint(c, map, near(walls, x, y, w, h), near(pits, x, y, w, h)),
        );
      }
    }
    this.over.addChild(edgeLines(walls, colours.wallEdge, 2), edgeLines(pits, colours.lowEdge, 1.4));
  }

  clear(): void {
    for (const c of [...this.under.removeChildren(), ...this.over.removeChildren()]) c.destroy();
    for (const t of this.chunks) t.destroy(true);
    this.chunks = [];
  }

  private addChunk(
    x: number,
    y: number,
    w: number,
    h: number,
    scale: number,
    draw: (c: CanvasRenderingContext2D) => void,
  ): void {
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(w * scale);
    canvas.height = Math.ceil(h * scale);
    const c = canvas.getContext('2d', { alpha: false });
    if (!c) return;
    c.scale(scale, scale);
    c.translate(-x, -y);
    draw(c);
    const texture = new Texture({ source: new CanvasSource({ resource: canvas }) });
    const sprite = new Sprite(texture);
    sprite.position.set(x, y);
    sprite.scale.set(1 / scale);
    this.under.addChild(sprite);
    this.chunks.push(texture);
  }
}

/** The outlines that reach into a rectangle or glow there: of a town few of thousands do. */
function near(lines: Loop[], x: number, y: number, w: number, h: number): Loop[] {
  return lines.filter((l) => {
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < l.length; i += 2) {
      left = Math.min(left, l[i] * tileSize);
      right = Math.max(right, l[i] * tileSize);
      top = Math.min(top, l[i + 1] * tileSize);
      bottom = Math.max(bottom, l[i + 1] * tileSize);
    }
    return left < x + w + border && right > x - border && top < y + h + border && bottom > y - border;
  });
}

function tileAt(map: Pick<GameMap, 'width' | 'height' | 'tiles'>, x: number, y: number): number {
  return x < 0 || y < 0 || x >= map.width || y >= map.height ? wall : map.tiles[y * map.width + x];
}

function paint(
  c: CanvasRenderingContext2D,
  map: Pick<GameMap, 'width' | 'height' | 'tiles'>,
  walls: Loop[],
  pits: Loop[],
): void {
  const width = map.width * tileSize;
  const height = map.height * tileSize;
  c.fillStyle = css(colours.void);
  c.fillRect(-chunkSide, -chunkSide, width + 2 * chunkSide, height + 2 * chunkSide);
  c.fillStyle = css(colours.floor);
  c.fillRect(0, 0, width, height);
  paintGrid(c, map.width, map.height);
  paintPits(c, pits);
  paintWalls(c, walls);
}

function paintGrid(c: CanvasRenderingContext2D, columns: number, rows: number): void {
  const line = (colour: number, step: number, thickness: number) => {
    c.strokeStyle = css(colour);
    c.lineWidth = thickness;
    c.beginPath();
    for (let x = 0; x <= columns; x += step) {
      c.moveTo(x * tileSize, 0);
      c.lineTo(x * tileSize, rows * tileSize);
    }
    for (let y = 0; y <= rows; y += step) {
      c.moveTo(0, y * tileSize);
      c.lineTo(columns * tileSize, y * tileSize);
    }
    c.stroke();
  };
  line(colours.gridMinor, 1, 0.8);
  line(colours.gridMajor, 4, 1.2);
  c.fillStyle = css(colours.wallEdge, 0.34);
  for (let y = 0; y <= rows; y += 4) {
    for (let x = 0; x <= columns; x += 4) {
      c.fillRect(x * tileSize - 4, y * tileSize - 0.75, 8, 1.5);
      c.fillRect(x * tileSize - 0.75, y * tileSize - 4, 1.5, 8);
    }
  }
}

function tracePath(lines: Loop[]): Path2D {
  const p = new Path2D();
  for (const l of lines) {
    p.moveTo(l[0] * tileSize, l[1] * tileSize);
    for (let i = 2; i < l.length; i += 2) p.lineTo(l[i] * tileSize, l[i + 1] * tileSize);
    p.closePath();
  }
  return p;
}

function paintPits(c: CanvasRenderingContext2D, pits: Loop[]): void {
  const path = tracePath(pits);
  c.save();
  c.fillStyle = css(colours.low);
  c.fill(path, 'evenodd');
  c.clip(path, 'evenodd');
  hatch(c, css(colours.lowEdge, 0.16), 14, 1.6);
  glow(c, path, colours.lowEdge, 26, 0.5);
  c.restore();
}

function paintWalls(c: CanvasRenderingContext2D, walls: Loop[]): void {
  const path = tracePath(walls);
  // A glow on the floor round the walls, then the walls' bodies over it.
  glow(c, path, colours.wallEdge, 40, 0.55);
  c.fillStyle = css(colours.wall);
  c.fill(path, 'evenodd');
  c.save();
  c.clip(path, 'evenodd');
  hatch(c, css(colours.wallTop, 0.8), 20, 6);
  glow(c, path, colours.wallEdge, 20, 0.3);
  c.restore();
}

/** Diagonal lines over everything that is not clipped away. */
function hatch(c: CanvasRenderingContext2D, style: string, step: number, thickness: number): void {
  const t = c.getTransform();
  const x0 = -t.e / t.a;
  const y0 = -t.f / t.d;
  const w = c.canvas.width / t.a;
  const h = c.canvas.height / t.d;
  c.strokeStyle = style;
  c.lineWidth = thickness;
  c.beginPath();
  // Lines x + y = k for multiples of step, so that neighbouring chunks meet.
  for (let k = Math.floor((x0 + y0) / step) * step; k < x0 + w + y0 + h; k += step) {
    c.moveTo(k - y0 + step, y0 - step);
    c.lineTo(k - y0 - h - step, y0 + h + step);
  }
  c.stroke();
}

function glow(
  c: CanvasRenderingContext2D,
  path: Path2D,
  colour: number,
  size: number,
  strength: number,
): void {
  c.save();
  c.lineJoin = 'round';
  for (let i = 1; i <= 8; i++) {
    c.strokeStyle = css(colour, (strength * 0.035 * (9 - i)) / 4);
    c.lineWidth = (size * i) / 8;
    c.stroke(path);
  }
  c.restore();
}

function edgeLines(lines: Loop[], colour: number, thickness: number): Graphics {
  const g = new Graphics();
  const stroke = (width: number, alpha: number) => {
    for (const l of lines)
      g.poly(
        l.map((v) => v * tileSize),
        true,
      );
    if (lines.length > 0) g.stroke({ width, color: colour, alpha, join: 'round' });
  };
  stroke(thickness * 2.6, 0.28);
  stroke(thickness, 0.95);
  return g;
}
