// How things are written for people.

import { lobby } from '../../lobby/here';

/** A name out of the game's settings, as a title: "foundry" is "Foundry". */
export const titled = (word: string): string =>
  word === '' ? '' : word[0].toUpperCase() + word.slice(1).replaceAll('-', ' ');

/** A mode by the title that the server gives it. */
export const modeTitled = (mode: string): string =>
  lobby.games.value.flatMap((g) => g.modes).find((m) => m.name === mode)?.title ?? titled(mode);

/** A player's name; the tag tells people of one name apart. */
export const called = (p: { name: string; tag: number }): string =>
  p.tag > 0 ? `${p.name}#${String(p.tag).padStart(4, '0')}` : p.name;

/** Seconds as "0:42". */
export const minutes = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** A day and an hour in the reader's own way of writing them. */
export const when = (ms: number): string =>
  new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export const rated = (rating: number): string => rating.toFixed(1);

/** A change of the rating with its sign. */
export const change = (d: number): string => `${d < 0 ? '−' : '+'}${Math.abs(d).toFixed(1)}`;

export const percent = (part: number, whole: number): string =>
  whole > 0 ? `${Math.round((100 * part) / whole)} %` : '–';
