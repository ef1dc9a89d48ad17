// Colours, as 0xRRGGBB. Four palettes tell friend from foe for different eyes; shape always says the
// same as colour does (red drones are hexagons, blue ones squares, loners round).

import type { PaletteName } from '../settings';

export interface Palette {
  label: string;
  /** The own drone, one's own shots and the HUD's accent. */
  own: number;
  red: number;
  blue: number;
  /** Everyone else in a free-for-all, by player id. */
  others: readonly number[];
  danger: number;
  good: number;
}

export const palettes: Record<PaletteName, Palette> = {
  neon: {
    label: 'Neon',
    own: 0x35e0ff,
    red: 0xff4a6e,
    blue: 0x4a8dff,
    others: [0xff5c8a, 0xff9d3c, 0xc46bff, 0xf2e35b, 0xff6f4f, 0xe86bdc],
    danger: 0xff3b5c,
    good: 0x5dffb0,
  },
  deuter: {
    label: 'Red-green safe',
    own: 0x56c8ff,
    red: 0xffa321,
    blue: 0x3d7bff,
    others: [0xffa321, 0xffd452, 0xff8a1f, 0xffe9a0, 0xd9891f, 0xffc27a],
    danger: 0xffb000,
    good: 0x8fd0ff,
  },
  tritan: {
    label: 'Blue-yellow safe',
    own: 0x2fe6c8,
    red: 0xff4d5e,
    blue: 0x19b5a5,
    others: [0xff4d5e, 0xff7f8c, 0xff2f7a, 0xffa5b0, 0xe0405a, 0xff6bb0],
    danger: 0xff3048,
    good: 0x40f0d0,
  },
  contrast: {
    label: 'High contrast',
    own: 0xffffff,
    red: 0xff5500,
    blue: 0x33aaff,
    others: [0xffff00],
    danger: 0xff5500,
    good: 0x66ff66,
  },
};

/** What does not change with the palette: the place itself. */
export const ground = {
  void: 0x04060d,
  floor: 0x0a1020,
  gridMinor: 0x13203a,
  gridMajor: 0x1c3158,
  wall: 0x111c36,
  wallTop: 0x182848,
  wallEdge: 0x4fb4ff,
  low: 0x060a14,
  lowEdge: 0x2f7f8f,
} as const;

/** A weapon's colour, by name: its shots, its pick-up and its slot in the HUD. */
export const weaponColours: Record<string, number> = {
  blaster: 0xa6ecff,
  shotgun: 0xffb648,
  plasma: 0xb57bff,
  rocket: 0xff6b3d,
  rail: 0x5dffb0,
};

export const css = (colour: number, alpha = 1): string =>
  `rgba(${colour >> 16}, ${(colour >> 8) & 255}, ${colour & 255}, ${alpha})`;

/** Mixes two colours, t from 0 (a) to 1 (b). */
export function mix(a: number, b: number, t: number): number {
  const channel = (shift: number) => {
    const ca = (a >> shift) & 255;
    return Math.round(ca + (((b >> shift) & 255) - ca) * t) << shift;
  };
  return channel(16) | channel(8) | channel(0);
}
