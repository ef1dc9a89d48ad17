// What the player chose, kept in this browser only. Stored settings are read like any input: what
// is missing, of another type or out of range falls back to its default, so that neither an older
// version's settings nor a hand-edited store can break the page.

import { signal } from '@preact/signals';
import { actions, type Bindings, defaultBindings } from './input/bindings';
import { cleanName, inventName } from './names';

export const palettes = ['neon', 'deuter', 'tritan', 'contrast'] as const;
export type PaletteName = (typeof palettes)[number];

export interface Settings {
  version: 1;
  name: string;
  palette: PaletteName;
  /** Fewer particles, no shake, no moving background. */
  reducedMotion: boolean;
  screenShake: boolean;
  /** After a death, its last seconds as the killer saw them. */
  killCam: boolean;
  /** Size of all text, 1 is normal. */
  textScale: number;
  /** 0 to 1. */
  volume: number;
  muted: boolean;
  /** How strongly the gamepad and touch sticks react, 1 is normal. */
  stickSensitivity: number;
  /** Share of a gamepad stick's travel that is ignored. */
  deadZone: number;
  bindings: Bindings;
}

const storeKey = 'hindsight.settings';

export function defaults(random: () => number, prefersLessMotion: boolean): Settings {
  return {
    version: 1,
    name: inventName(random),
    palette: 'neon',
    reducedMotion: prefersLessMotion,
    screenShake: true,
    killCam: true,
    textScale: 1,
    volume: 0.7,
    muted: false,
    stickSensitivity: 1,
    deadZone: 0.18,
    bindings: defaultBindings(),
  };
}

type Stored = Partial<Record<string, unknown>>;

const isRecord = (v: unknown): v is Stored => typeof v === 'object' && v !== null && !Array.isArray(v);
const flag = (v: unknown, or: boolean) => (typeof v === 'boolean' ? v : or);
const within = (v: unknown, lo: number, hi: number, or: number) =>
  typeof v === 'number' && Number.isFinite(v) ? Math.min(hi, Math.max(lo, v)) : or;

/** Reads stored settings of any version over the defaults. Never throws. */
export function restore(stored: unknown, base: Settings): Settings {
  if (!isRecord(stored)) return base;
  return {
    version: 1,
    name: (typeof stored.name === 'string' && cleanName(stored.name)) || base.name,
    palette: palettes.find((p) => p === stored.palette) ?? base.palette,
    reducedMotion: flag(stored.reducedMotion, base.reducedMotion),
    screenShake: flag(stored.screenShake, base.screenShake),
    killCam: flag(stored.killCam, base.killCam),
    textScale: within(stored.textScale, 0.8, 1.6, base.textScale),
    volume: within(stored.volume, 0, 1, base.volume),
    muted: flag(stored.muted, base.muted),
    stickSensitivity: within(stored.stickSensitivity, 0.4, 2, base.stickSensitivity),
    deadZone: within(stored.deadZone, 0.05, 0.5, base.deadZone),
    bindings: restoreBindings(stored.bindings, base.bindings),
  };
}

function restoreBindings(stored: unknown, base: Bindings): Bindings {
  if (!isRecord(stored)) return base;
  const out = { ...base };
  for (const a of actions) {
    const codes = stored[a];
    if (Array.isArray(codes)) out[a] = codes.filter((c): c is string => typeof c === 'string').slice(0, 2);
  }
  return out;
}

function load(): Settings {
  const base = defaults(Math.random, matchMedia('(prefers-reduced-motion: reduce)').matches);
  try {
    return restore(JSON.parse(localStorage.getItem(storeKey) ?? 'null'), base);
  } catch {
    return base; // storage is off, or holds something else
  }
}

/** The settings in force. Without a store (in unit tests) they are the defaults. */
export const settings = signal<Settings>(
  typeof localStorage === 'undefined' ? defaults(Math.random, false) : load(),
);

/** Changes some settings and keeps them. */
export function change(part: Partial<Settings>): void {
  settings.value = { ...settings.peek(), ...part };
  try {
    localStorage.setItem(storeKey, JSON.stringify(settings.peek()));
  } catch {
    // Storage is off: the settings last as long as the page.
  }
}
