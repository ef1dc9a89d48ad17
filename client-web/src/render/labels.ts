// Names over drones, each drawn once into a texture that many share.

import type { Texture } from 'pixi.js';
import { Atlas } from './atlas';

const font = "600 12px 'Oxanium Variable', system-ui, sans-serif";
/** Units, which are CSS pixels here, and pixels for each. */
const tall = 18;
const scale = 2;
/** Four of these hold some 500 names, more than are ever seen at once. */
const atlas = new Atlas(1024, 4);
const ruler = document.createElement('canvas').getContext('2d');

/** A name in white, with a dark rim; tint it. It is good for this frame. */
export function label(name: string): Texture {
  return (
    atlas.known(name) ??
    atlas.shape(name, { width: widthOf(name) + 8, height: tall, scale }, (c) => {
      c.font = font;
      c.textAlign = 'center';
      c.textBaseline = 'middle';
      c.lineJoin = 'round';
      c.lineWidth = 3;
      c.strokeStyle = '#04060d';
      c.strokeText(name, 0, 0);
      c.fillStyle = '#fff';
      c.fillText(name, 0, 0);
    })
  );
}

function widthOf(name: string): number {
  if (!ruler) return 120;
  ruler.font = font;
  return Math.ceil(ruler.measureText(name).width);
}
