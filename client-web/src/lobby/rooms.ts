// The list of rooms as a player narrows it down.

import type { Room } from './answers';

export interface RoomFilter {
  /** "" for any, each. */
  game: string;
  mode: string;
  map: string;
  /** Only where there is a free seat and the door is open. */
  free: boolean;
  /** Part of a name. */
  words: string;
}

export const noFilter: RoomFilter = { game: '', mode: '', map: '', free: false, words: '' };

export const seatsFree = (r: Room): boolean => !r.locked && r.people + r.booked < r.maxPlayers;
export const watchable = (r: Room): boolean => r.watchers < r.watchSeats;

/** The name to show: what its owner calls it, else what is played there. */
export const roomName = (r: Room): string => r.name || r.title || r.id;

/** Returns the rooms that pass, the liveliest first. */
export function narrow(rooms: readonly Room[], f: RoomFilter): Room[] {
  const words = f.words.trim().toLowerCase();
  return rooms
    .filter(
      (r) =>
        (f.game === '' || r.game === f.game) &&
        (f.mode === '' || r.mode === f.mode) &&
        (f.map === '' || r.map === f.map) &&
        (!f.free || seatsFree(r)) &&
        `${r.name}\n${r.title}\n${r.id}`.toLowerCase().includes(words),
    )
    .sort((a, b) => b.people - a.people || roomName(a).localeCompare(roomName(b)) || (a.id < b.id ? -1 : 1));
}

/** Every value of a field that the rooms have, in order. */
export const valuesOf = (rooms: readonly Room[], field: 'game' | 'mode' | 'map'): string[] =>
  [...new Set(rooms.map((r) => r[field]).filter((v) => v !== ''))].sort();

/** The room that was typed or pasted: an id, or a link with one in it. */
export function roomIn(typed: string): string {
  const word = typed.trim();
  try {
    return new URL(word).searchParams.get('room') ?? '';
  } catch {
    return word;
  }
}

/** The same for a party's code. */
export function partyIn(typed: string): string {
  const word = typed.trim();
  try {
    return new URL(word).searchParams.get('party') ?? '';
  } catch {
    return word;
  }
}
