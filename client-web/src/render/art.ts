// Every shape of the game, drawn once into a texture when it is first needed: no image files, crisp
// at every zoom, and recoloured by palette. Drawn with the 2D canvas rather than with Pixi's
// Graphics because its shadows give a true neon glow for free, in WebGL and canvas renderers alike.

import type { Texture } from 'pixi.js';
import { Atlas, type Draw } from './atlas';
import { glyphs } from './glyphs';
import { css, mix } from './palette';

/** Texture pixels per world unit: enough for this screen, so that nothing is scaled up or far down. */
export const detail = Math.min(
  4,
  Math.max(2, Math.ceil((Math.max(screen.width, screen.height) / 1000) * devicePixelRatio)),
);

const shapes = new Atlas(detail > 2 ? 2048 : 1024);
/** What is large and drawn by itself, out of the others' way. */
const glass = new Atlas(1024);

/** Draws into a box of that size in units, origin in the middle, and keeps the texture by name. */
const bake = (name: string, width: number, height: number, scale: number, draw: Draw): Texture =>
  shapes.shape(name, { width, height, scale }, draw);

/** Strokes the current path as a neon tube: a wide haze, a saturated tube, a hot core. */
function neon(c: CanvasRenderingContext2D, colour: number, width: number): void {
  c.shadowColor = css(colour);
  c.strokeStyle = css(colour, 0.9);
  c.shadowBlur = width * 5 * detail;
  c.lineWidth = width;
  c.stroke();
  c.shadowBlur = width * 2 * detail;
  c.stroke();
  c.shadowBlur = 0;
  c.strokeStyle = css(mix(colour, 0xffffff, 0.75));
  c.lineWidth = width * 0.42;
  c.stroke();
}

export function polygon(c: CanvasRenderingContext2D, sides: number, radius: number, turn = 0): void {
  c.beginPath();
  for (let i = 0; i < sides; i++) {
    const a = turn + (i / sides) * Math.PI * 2;
    c.lineTo(Math.cos(a) * radius, Math.sin(a) * radius);
  }
  c.closePath();
}

/** A drone's outline by team: 0 round, 1 hexagon, 2 square. */
function outline(c: CanvasRenderingContext2D, team: number, r: number): void {
  if (team === 1) polygon(c, 6, r * 1.08);
  else if (team === 2) {
    const k = r * 0.92;
    c.beginPath();
    c.roundRect(-k, -k, 2 * k, 2 * k, r * 0.22);
  } else {
    c.beginPath();
    c.arc(0, 0, r, 0, Math.PI * 2);
  }
}

/** A drone seen from above, facing +x. */
export function drone(team: number, colour: number, radius: number): Texture {
  const box = radius * 2 + 36;
  return bake(`drone ${team} ${colour} ${radius}`, box, box, detail, (c) => {
    const r = radius - 1;
    outline(c, team, r);
    const body = c.createRadialGradient(-r * 0.2, -r * 0.25, 1, 0, 0, r);
    body.addColorStop(0, css(mix(colour, 0x0b1428, 0.55)));
    body.addColorStop(1, css(mix(colour, 0x070c18, 0.86)));
    c.fillStyle = body;
    c.fill();
    neon(c, colour, 2);
    // Two thrusters behind, a visor in front: which way it faces reads at a glance.
    c.beginPath();
    c.moveTo(-r * 0.52, -r * 0.5);
    c.lineTo(-r * 0.86, -r * 0.26);
    c.moveTo(-r * 0.52, r * 0.5);
    c.lineTo(-r * 0.86, r * 0.26);
    neon(c, mix(colour, 0xffffff, 0.2), 1.4);
    c.beginPath();
    c.arc(0, 0, r * 0.56, -0.75, 0.75);
    neon(c, mix(colour, 0xffffff, 0.45), 1.7);
    c.beginPath();
    c.arc(-r * 0.08, 0, r * 0.2, 0, Math.PI * 2);
    c.fillStyle = css(mix(colour, 0xffffff, 0.6), 0.9);
    c.fill();
  });
}

/** A weapon as it is carried, pointing along +x from the drone's middle. */
export function carried(weapon: string, colour: number, radius: number): Texture {
  const box = radius * 2 + 44;
  return bake(`carried ${weapon} ${colour}`, box, box, detail, (c) => {
    const x = radius * 0.55;
    c.fillStyle = css(mix(colour, 0x0a1122, 0.72));
    for (const part of barrels(weapon, x)) {
      c.beginPath();
      part.forEach(([px, py]) => {
        c.lineTo(px, py);
      });
      c.closePath();
      c.fill();
      neon(c, colour, 1.3);
    }
  });
}

type Points = [number, number][];
const box = (x: number, y: number, w: number, h: number): Points => [
  [x, y],
  [x + w, y],
  [x + w, y + h],
  [x, y + h],
];

/** Silhouettes, told apart by outline alone. */
function barrels(weapon: string, x: number): Points[] {
  switch (weapon) {
    case 'shotgun':
      return [box(x, -4.4, 11, 3.6), box(x, 0.8, 11, 3.6)];
    case 'plasma':
      return [
        [
          [x, -4],
          [x + 8, -5.5],
          [x + 13, -2.5],
          [x + 13, 2.5],
          [x + 8, 5.5],
          [x, 4],
        ],
      ];
    case 'rocket':
      return [
        box(x - 3, -5, 15, 10),
        [
          [x + 12, -6.4],
          [x + 16, -6.4],
          [x + 16, 6.4],
          [x + 12, 6.4],
        ],
      ];
    case 'rail':
      return [box(x, -3.2, 21, 1.9), box(x, 1.3, 21, 1.9), box(x, -1.3, 8, 2.6)];
    default:
      return [box(x, -2.2, 11, 4.4)];
  }
}

/** A round haze, white: tint it. */
export function haze(): Texture {
  return bake('haze', 128, 128, 1, (c) => {
    const g = c.createRadialGradient(0, 0, 0, 0, 0, 64);
    for (let i = 0; i <= 10; i++) g.addColorStop(i / 10, css(0xffffff, (1 - i / 10) ** 2.4));
    c.fillStyle = g;
    c.fillRect(-64, -64, 128, 128);
  });
}

/** A hot spark along +x, white: tint it. */
export function spark(): Texture {
  return bake('spark', 32, 8, 2, (c) => {
    c.scale(1, 0.22);
    const g = c.createRadialGradient(4, 0, 0, 0, 0, 16);
    g.addColorStop(0, 'rgba(255,255,255,1)');
    g.addColorStop(0.3, 'rgba(255,255,255,0.8)');
    g.addColorStop(1, 'rgba(255,255,255,0)');
    c.fillStyle = g;
    c.fillRect(-16, -18, 32, 36);
  });
}

/** A thin ring of radius 60 for shock waves, white: tint it. */
export function ring(): Texture {
  return bake('ring', 144, 144, 2, (c) => {
    const g = c.createRadialGradient(0, 0, 44, 0, 0, 66);
    g.addColorStop(0, 'rgba(255,255,255,0)');
    g.addColorStop(0.6, 'rgba(255,255,255,0.35)');
    g.addColorStop(0.74, 'rgba(255,255,255,1)');
    g.addColorStop(0.82, 'rgba(255,255,255,0.5)');
    g.addColorStop(1, 'rgba(255,255,255,0)');
    c.fillStyle = g;
    c.fillRect(-72, -72, 144, 144);
  });
}

/** A beam's cross section, stretched to any length; 64 long, white: tint it. */
export function beam(hot: boolean): Texture {
  return bake(hot ? 'beam core' : 'beam glow', 64, 16, 2, (c) => {
    const g = c.createLinearGradient(0, -8, 0, 8);
    const power = hot ? 1.2 : 2.6;
    for (let i = 0; i <= 16; i++) g.addColorStop(i / 16, css(0xffffff, (1 - Math.abs(i / 8 - 1)) ** power));
    c.fillStyle = g;
    c.fillRect(-32, -8, 64, 16);
  });
}

/** A tracer: bright at its head (+x), fading backwards; 64 long, white: tint it. */
export function tracer(): Texture {
  return bake('tracer', 64, 8, 2, (c) => {
    const g = c.createLinearGradient(-32, 0, 32, 0);
    g.addColorStop(0, 'rgba(255,255,255,0)');
    g.addColorStop(0.85, 'rgba(255,255,255,0.75)');
    g.addColorStop(1, 'rgba(255,255,255,1)');
    c.strokeStyle = g;
    c.lineWidth = 2.4;
    c.shadowColor = '#fff';
    c.shadowBlur = 6;
    c.beginPath();
    c.moveTo(-30, 0);
    c.lineTo(29, 0);
    c.stroke();
  });
}

/** A muzzle flash pointing along +x, white: tint it. */
export function flash(): Texture {
  return bake('flash', 48, 40, 2, (c) => {
    c.fillStyle = '#fff';
    c.shadowColor = '#fff';
    c.shadowBlur = 14;
    c.beginPath();
    for (const [x, y] of [
      [-16, 0],
      [-8, -5],
      [-2, -14],
      [0, -5],
      [20, 0],
      [0, 5],
      [-2, 14],
      [-8, 5],
    ])
      c.lineTo(x, y);
    c.closePath();
    c.fill();
  });
}

/** A plasma bolt. */
export function plasmaBolt(colour: number): Texture {
  return bake(`plasma ${colour}`, 44, 44, detail, (c) => {
    const g = c.createRadialGradient(0, 0, 0, 0, 0, 20);
    g.addColorStop(0, '#fff');
    g.addColorStop(0.2, css(mix(colour, 0xffffff, 0.75)));
    g.addColorStop(0.32, css(colour, 0.85));
    g.addColorStop(0.55, css(colour, 0.22));
    g.addColorStop(1, css(colour, 0));
    c.fillStyle = g;
    c.fillRect(-22, -22, 44, 44);
  });
}

/** A rocket facing +x. */
export function rocketBody(colour: number): Texture {
  return bake(`rocket ${colour}`, 48, 32, detail, (c) => {
    c.beginPath();
    for (const [x, y] of [
      [10, 0],
      [5, -3.6],
      [-8, -3.6],
      [-12, -7],
      [-12, 7],
      [-8, 3.6],
      [5, 3.6],
    ])
      c.lineTo(x, y);
    c.closePath();
    c.fillStyle = css(mix(colour, 0xffffff, 0.35));
    c.fill();
    neon(c, colour, 1.4);
  });
}

/** The shimmer round a drone that cannot be hurt. */
export function bubble(colour: number, radius: number): Texture {
  const size = radius * 2 + 40;
  return bake(`bubble ${colour} ${radius}`, size, size, 2, (c) => {
    for (let i = 0; i < 12; i++) {
      const a = (i / 12) * Math.PI * 2;
      c.beginPath();
      c.arc(0, 0, radius + 7, a, a + 0.34);
      neon(c, colour, 1.3);
    }
    const g = c.createRadialGradient(0, 0, radius * 0.5, 0, 0, radius + 7);
    g.addColorStop(0, css(colour, 0));
    g.addColorStop(1, css(colour, 0.28));
    c.fillStyle = g;
    c.beginPath();
    c.arc(0, 0, radius + 7, 0, Math.PI * 2);
    c.fill();
  });
}

/** A pick-up's icon inside a hexagon. */
export function pickup(glyph: string, colour: number, small: boolean): Texture {
  return bake(`pickup ${glyph} ${colour} ${small}`, 64, 64, detail, (c) => {
    const r = small ? 10 : 15;
    polygon(c, 6, r, Math.PI / 6);
    c.fillStyle = css(mix(colour, 0x070c18, 0.84), 0.92);
    c.fill();
    neon(c, colour, 1.5);
    drawGlyph(c, glyph, r * 1.2, colour);
  });
}

/** Draws a HUD glyph of that size around the origin as a neon tube. */
function drawGlyph(c: CanvasRenderingContext2D, name: string, size: number, colour: number): void {
  const path = glyphs[name];
  if (!path) return;
  c.save();
  c.scale(size / 24, size / 24);
  c.translate(-12, -12);
  const p = new Path2D(path);
  c.fillStyle = css(mix(colour, 0xffffff, 0.35));
  c.shadowColor = css(colour);
  c.shadowBlur = 10;
  c.fill(p);
  c.restore();
}

/** The crosshair by state: four ticks and a dot. */
export function crosshair(colour: number): Texture {
  return glass.shape(`crosshair ${colour}`, { width: 48, height: 48, scale: 3 }, (c) => {
    for (let i = 0; i < 4; i++) {
      c.rotate(Math.PI / 2);
      c.beginPath();
      c.moveTo(8, 0);
      c.lineTo(15, 0);
      c.strokeStyle = 'rgba(0,0,0,0.6)';
      c.lineWidth = 4;
      c.stroke();
      c.strokeStyle = css(colour);
      c.lineWidth = 2;
      c.stroke();
    }
    c.beginPath();
    c.arc(0, 0, 1.7, 0, Math.PI * 2);
    c.fillStyle = css(mix(colour, 0xffffff, 0.6));
    c.fill();
  });
}

/** A hit marker: hollow while predicted, solid once confirmed. White: tint it. */
export function hitMarker(solid: boolean): Texture {
  return glass.shape(`hit ${solid}`, { width: 56, height: 56, scale: 3 }, (c) => {
    for (let i = 0; i < 4; i++) {
      c.save();
      c.rotate(Math.PI / 4 + (i * Math.PI) / 2);
      c.beginPath();
      for (const [x, y] of [
        [10, -2],
        [21, -1],
        [21, 1],
        [10, 2],
      ])
        c.lineTo(x, y);
      c.closePath();
      c.lineWidth = solid ? 2 : 1.4;
      c.strokeStyle = solid ? 'rgba(0,0,0,0.5)' : '#fff';
      c.stroke();
      if (solid) {
        c.fillStyle = '#fff';
        c.fill();
      }
      c.restore();
    }
  });
}

/** An arc of damage at radius 96, centred on +x and thinning out to both sides. White: tint it. */
export function damageArc(): Texture {
  return glass.shape('damage arc', { width: 240, height: 240, scale: 2 }, (c) => {
    const half = 0.5;
    const steps = 24;
    c.strokeStyle = '#fff';
    c.lineCap = 'butt';
    for (let i = -steps; i < steps; i++) {
      const a = (i / steps) * half;
      const near = 1 - Math.abs(i + 0.5) / steps;
      c.globalAlpha = near ** 0.8;
      c.lineWidth = 2 + 9 * near;
      c.beginPath();
      c.arc(0, 0, 96, a, a + half / steps + 0.004);
      c.stroke();
    }
  });
}

/** The ring on the floor round the place of something to pick up, white: tint it. */
export function place(small: boolean): Texture {
  const r = small ? 11 : 16;
  return bake(`place ${small}`, 2 * r + 4, 2 * r + 4, detail, (c) => {
    c.beginPath();
    c.arc(0, 0, r, 0, Math.PI * 2);
    c.lineWidth = 1.4;
    c.strokeStyle = '#fff';
    c.stroke();
  });
}

/** A dash of a ring, along y, white: tint it. */
export function dash(): Texture {
  return bake('dash', 5, 6, detail, (c) => {
    c.lineWidth = 2.4;
    c.lineCap = 'butt';
    c.strokeStyle = '#fff';
    c.beginPath();
    c.moveTo(0, -1.3);
    c.lineTo(0, 1.3);
    c.stroke();
  });
}

/** A square of one unit, white: tint it. */
export function square(): Texture {
  return bake('square', 1, 1, 8, (c) => {
    c.fillStyle = '#fff';
    c.fillRect(-0.5, -0.5, 1, 1);
  });
}

/** A scorch mark on the floor. */
export function scorch(): Texture {
  return bake('scorch', 128, 128, 1, (c) => {
    const g = c.createRadialGradient(0, 0, 4, 0, 0, 60);
    g.addColorStop(0, 'rgba(0,0,0,0.75)');
    g.addColorStop(0.5, 'rgba(0,0,0,0.4)');
    g.addColorStop(1, 'rgba(0,0,0,0)');
    c.fillStyle = g;
    c.fillRect(-64, -64, 128, 128);
  });
}
