// The client core as the page sees it: game/netcode and the rules, the same Go code that the server
// runs. wasmcore.ts is how it is reached.

import type { Picture } from './picture';
import type { Schema } from './schema';

/** What the player wants at this moment; the core turns it into commands. Reused every frame. */
export interface Controls {
  /** -127 to 127 each. */
  moveX: number;
  moveY: number;
  /** 1/65536 turn, 0 along +x, growing clockwise on the screen. */
  aim: number;
  held: number;
  /** The wanted weapon, 0 for the one in hand. */
  select: number;
  /** Counters of presses, modulo 256. */
  press0: number;
  press1: number;
  /** The page is in the background. */
  hidden: boolean;
}

/** A place where something to pick up appears. Its index is that of its fields in the own row. */
export interface Pickup {
  kind: string;
  /** Of a weapon or its ammunition, else 0. */
  weapon: number;
  x: number;
  y: number;
  /** Ticks it stays away once taken. */
  respawn: number;
}

export interface GameMap {
  title: string;
  width: number;
  height: number;
  /** 0 floor, 1 wall, 2 low; row by row. */
  tiles: Uint8Array;
  pickups: Pickup[];
}

export interface Seat {
  player: number;
  name: string;
  bot: boolean;
  /** frame.Status: 0 playing, 1 lagging, 2 away, 3 detached. */
  status: number;
}

export interface ChatLine {
  player: number;
  name: string;
  text: string;
}

/** Who comes, and by what right. */
export interface Entry {
  name: string;
  /** "" for any. */
  room: string;
  /** Resumes a seat, or "". */
  token: string;
  /** A seat reservation of the lobby's, or "". */
  ticket: string;
  /** To look on without a seat. */
  watch: boolean;
}

/** What is known about the room. */
export interface Room {
  /** Counts the matches: with a new number comes a new map. */
  match: number;
  id: string;
  token: string;
  build: string;
  /** 0 for who looks on. */
  me: number;
  title: string;
  seats: Seat[];
  /** Said since the last call. */
  chat: ChatLine[];
}

/** What the core wants done with the page's sockets, and how the page is connected. Reused by every `order`. */
export interface LinkOrder {
  /** 'ask' is for another pass, and 'send' the simulator's. */
  kind: '' | 'dial' | 'drop' | 'ask' | 'send';
  /** The line that the order is about; the page gives its sockets these numbers. */
  about: number;
  /** To close it with. */
  code: number;
  /** To be sent. Valid until the next call. */
  frame: Uint8Array;
  /** The line that plays, 0 for none. */
  line: number;
  /** netcode.Phase. */
  phase: number;
  /** The close code that explains it. */
  reason: number;
  /** Dials since the last frame. */
  tries: number;
  /** Milliseconds until the next one. */
  wait: number;
  /** Milliseconds since the last frame. */
  quiet: number;
  /** Second lines that were tried, and that won. */
  hedged: number;
  rescued: number;
}

/** The core's memory: totals since it began, and what it holds. */
export interface Heap {
  /** KiB. */
  allocated: number;
  collections: number;
  /** Microseconds that they took. */
  pause: number;
  /** KiB in use, and KiB that the core has of the page. */
  live: number;
  reserved: number;
}

/** The client core as the page sees it. All times are performance.now() in milliseconds. */
export interface Core {
  readonly schema: Schema;
  readonly picture: Picture;
  /** Becomes a player who wants in; or goes in by another pass, when `order` asked for it. */
  join(now: number, entry: Entry, again: boolean): void;
  leave(): void;
  /** What is to be done now; to be called until there is nothing. */
  order(now: number): LinkOrder;
  /** Tells that a line is open. Returns the first frame to send on it, or null. */
  opened(now: number, line: number): Uint8Array | null;
  /** Takes a frame of a line. Returns what is wrong with it, for the log, or "". */
  receive(now: number, line: number, frame: ArrayBuffer): string;
  /** Tells that a line has ended which was not dropped. */
  ended(now: number, line: number, code: number): void;
  /** Dials at once instead of when the back-off says. */
  hurry(now: number): void;
  /** Simulates a worse network: milliseconds of round trip and jitter, and lost segments in a million. */
  simulate(rtt: number, jitter: number, loss: number): void;
  /** Lets nothing through for so many milliseconds. */
  stall(now: number, ms: number): void;
  /** Lets time pass and returns a frame to send, or null. It is valid until the next call. */
  advance(now: number, controls: Controls, backlogBytes: number): Uint8Array | null;
  /**
   * When `advance` is to be called beside once a frame, so that the next command leaves in time. Below
   * zero there is none.
   */
  due(): number;
  /** Returns a frame that tells the server how the game goes here, about once a second, or null. */
  report(now: number, backlogBytes: number): Uint8Array | null;
  /** Returns a chat line as a frame to send, or null if there is nothing to say. */
  say(now: number, text: string): Uint8Array | null;
  /** Refreshes `picture`. Returns false while there is nothing to draw. */
  draw(now: number): boolean;
  /**
   * Begins to play what led to a tick, to be over in that many milliseconds. Returns how many times
   * faster than it was, 0 if there is nothing to see.
   */
  rewatch(now: number, tick: number, waitMs: number): number;
  /** Puts what is played into `picture`. Returns false when it is over. */
  drawTape(now: number): boolean;
  /** The numbers named by schema.stats. Valid until the next call. */
  stats(): Int32Array;
  /** The core's memory, for who measures: to ask every frame would cost. */
  heap(): Heap;
  /** The room, if anything in it has changed since the last call. */
  news(): Room | null;
  /** The ground of the match under way. */
  map(): GameMap | null;
  /** What a close code means to the player. */
  closing(code: number): string;
}
