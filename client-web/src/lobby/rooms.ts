// The list of rooms as a player narrows it down.

import type { Room } from './answers';

export interface RoomFilter {
  /** "" for any, each. */
  game: string;
  mode: string;
  map: string;
  /** Only where there is a free seat and the door is open. */
  free: boolean;
  /** Only where anyone may walk in: neither locked nor with a password. */
  open: boolean;
  /** Only where the ping is under so many milliseconds, 0 for any. Rooms of unknown ping stay. */
  under: number;
  /** Part of a name. */
  words: string;
}

export const noFilter: RoomFilter = {
  game: '',
  mode: '',
  map: '',
  free: false,
  open: false,
  under: 0,
  words: '',
};

export const seatsFree = (r: Room): boolean => !r.locked && r.people + r.booked < r.maxPlayers;
export const watchable = (r: Room): boolean => r.watchers < r.watchSeats;

/** The name to show: what its owner calls it, else what is played there. */
export const roomName = (r: Room): string => r.name || r.title || r.id;

/** Returns the rooms that pass, the liveliest first. `pings` are milliseconds by a room's url. */
export function narrow(rooms: readonly Room[], f: RoomFilter, pings: ReadonlyMap<string, number>): Room[] {
  const words = f.words.trim().toLowerCase();
  return rooms
    .filter(
      (r) =>
        (f.game === '' || r.game === f.game) &&
        (f.mode === '' || r.mode === f.mode) &&
        (f.map === '' || r.map === f.map) &&
        (!f.free || seatsFree(r)) &&
        (!f.open || !(r.locked || r.password)) &&
        (f.under === 0 || (pings.get(r.url) ?? 0) < f.under) &&
        `${r.name}\n${r.title}\n${r.id}`.toLowerCase().includes(words),
    )
    .sort((a, b) => b.people - a.people || roomName(a).localeCompare(roomName(b)) || (a.id < b.id ? -1 : 1));
}

/** Every value of a field that the rooms have, in order. */
export const valuesOf = (rooms: readonly Room[], field: 'game' | 'mode' | 'map'): string[] =>
  [...new Set(rooms.map((r) => r[field]).filter((v) => v !== ''))].sort();

/** Every game server that the rooms are on, in order. */
export const serversOf = (rooms: readonly Room[]): string[] => [...new Set(rooms.map((r) => r.url))].sort();

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
