// Whom this player does not want to read, kept in this browser. In the lobby people are known by their
// id; in a room only by the name they show there.

import { signal } from '@preact/signals';

const storeKey = 'hindsight.muted';
/** The oldest go first. */
const most = 500;

function load(): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storeKey) ?? '[]');
    return new Set(Array.isArray(kept) ? kept.filter((k): k is string => typeof k === 'string') : []);
  } catch {
    return new Set(); // storage is off, or holds something else
  }
}

export const muted = signal<ReadonlySet<string>>(typeof localStorage === 'undefined' ? new Set() : load());

export const byId = (id: string): string => `id:${id}`;
export const byName = (name: string): string => `name:${name}`;

export function setMuted(who: string, quiet: boolean): void {
  const set = new Set(muted.peek());
  set.delete(who);
  if (quiet) set.add(who);
  muted.value = new Set([...set].slice(-most));
  try {
    localStorage.setItem(storeKey, JSON.stringify([...muted.peek()]));
  } catch {
    // Storage is off: it lasts as long as the page.
  }
}
