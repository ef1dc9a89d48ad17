// What the replay page shows. The viewer writes, the parts of the page read.

import { signal } from '@preact/signals';
import type { About } from './core';

/** The speeds to choose from, times real time. */
export const speeds: readonly number[] = [0.25, 0.5, 1, 2, 4, 8];

export const show = {
  /** What is open; null while nothing is. */
  about: signal<About | null>(null),
  /** What is being loaded, "" for nothing, and how much of it has come, 0 to 1. */
  loading: signal(''),
  loaded: signal(0),
  trouble: signal(''),
  tick: signal(1),
  playing: signal(true),
  speed: signal(1),
  /** How far a jump is, 0 to 1; null while there is none. */
  jump: signal<number | null>(null),
  /** What is shown is not what was played. */
  differs: signal(false),
  playersOpen: signal(true),
  keysOpen: signal(false),
};
