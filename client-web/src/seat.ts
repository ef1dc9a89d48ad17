// The own seat, kept in this tab over a reload, so that a refreshed page is back in it at once. The
// token is good for one use, and the server keeps an empty seat for a while only.

import { fields } from './lobby/fields';

const key = 'hindsight.seat';
/** How long after the page went away its seat is asked for; the server's default is 30 s. */
const keptMs = 60_000;

export interface KeptSeat {
  room: string;
  token: string;
  /** Of the game socket, "" for the one next to this page. */
  url: string;
}

export function keepSeat(seat: KeptSeat): void {
  write({ ...seat, at: Date.now() });
}

/** Says that the page goes away now. */
export function stampSeat(): void {
  const seat = read();
  if (seat) write({ ...seat, at: Date.now() });
}

export function forgetSeat(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

/** Returns the kept seat if it may still be there, in the wanted room if one is wanted. */
export function keptSeat(room: string, now = Date.now()): KeptSeat | null {
  const seat = read();
  if (!seat || seat.token === '' || (room !== '' && seat.room !== room)) return null;
  return now - seat.at < keptMs ? seat : null;
}

function write(seat: KeptSeat & { at: number }): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(seat));
  } catch {
    // Storage is off: a reload joins anew.
  }
}

function read(): (KeptSeat & { at: number }) | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null');
    const { room, token, url, at } = fields(kept);
    if (typeof room !== 'string' || typeof token !== 'string' || typeof url !== 'string') return null;
    return { room, token, url, at: typeof at === 'number' ? at : 0 };
  } catch {
    return null; // nothing was kept, or something else
  }
}

/** Tells the other pages of this browser which seat this page has, and hears of theirs. */
export class SeatTalk {
  private readonly channel: BroadcastChannel | undefined;

  constructor(heard: (room: string, player: number) => void) {
    if (typeof BroadcastChannel === 'undefined') return;
    this.channel = new BroadcastChannel(key);
    this.channel.onmessage = (e: MessageEvent<unknown>) => {
      const { room, player } = fields(e.data);
      if (typeof room === 'string' && typeof player === 'number') heard(room, player);
    };
  }

  taken(room: string, player: number): void {
    this.channel?.postMessage({ room, player });
  }
}
