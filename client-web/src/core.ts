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

/** What a close code means to the player, from the server's own list. */
export interface Closing {
  action: 0 | 1 | 2;
  text: string;
}

/** The client core as the page sees it. All times are performance.now() in milliseconds. */
export interface Core {
  readonly schema: Schema;
  readonly picture: Picture;
  /** Becomes a new player, who has yet to say hello. */
  join(entry: Entry): void;
  /** Returns the first frame of a connection. */
  hello(now: number): Uint8Array;
  /** Takes a frame from the server. Throws if it is not one. */
  receive(now: number, frame: ArrayBuffer): void;
  /** Makes a rival for a second connection and returns that connection's first frame. */
  challenge(now: number): Uint8Array;
  /**
   * Takes a frame of the second connection. Returns true when the rival has taken over: from then on
   * that connection is the only one. Throws as receive does.
   */
  receiveRival(now: number, frame: ArrayBuffer): boolean;
  /** Lets time pass and returns a frame to send, or null. It is valid until the next call. */
  advance(now: number, controls: Controls, backlogBytes: number): Uint8Array | null;
  /** Returns a frame that tells the server how the game goes here, about once a second, or null. */
  report(now: number, backlogBytes: number): Uint8Array | null;
  /** Returns a chat line as a frame to send, or null if there is nothing to say. */
  say(text: string): Uint8Array | null;
  /** Refreshes `picture`. Returns false while there is nothing to draw. */
  draw(now: number): boolean;
  /** The numbers named by schema.stats. Valid until the next call. */
  stats(): Int32Array;
  /** The room, if anything in it has changed since the last call. */
  news(): Room | null;
  /** The ground of the match under way. */
  map(): GameMap | null;
  closing(code: number): Closing;
}
