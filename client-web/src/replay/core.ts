// The border to wasm/replay.go: a replay that the client core plays. What it shows goes through the same
// picture as a live match.

import type { GameMap, Seat } from '../core';
import type { WasmCore } from '../wasmcore';

/** The functions of wasm/replay.go. */
export interface ReplayExports {
  replaySpace(bytes: number): number;
  replayOpen(): number;
  replayAbout(): number;
  replayGround(): number;
  replayPeople(): number;
  replaySpeed(percent: number): void;
  replaySeek(tick: number): void;
  replayAdvance(dt: number, budget: number, follow: number): number;
  replayState(): number;
}

export interface About {
  title: string;
  /** The server that recorded it. */
  build: string;
  /** Milliseconds since 1970, 0 if unknown. */
  began: number;
  tickRate: number;
  /** The last tick. The first is 1. */
  length: number;
  /** The recording goes up to the match's end. */
  whole: boolean;
}

export interface State {
  tick: number;
  ended: boolean;
  seeking: boolean;
  /** Of a jump: where it began, where it is, where it goes. */
  from: number;
  at: number;
  to: number;
  /** Counts the changes of people. */
  changes: number;
  /** From this tick on what is shown is not what was played, by other rules; 0 for none. */
  differs: number;
}

/** Why a replay cannot be played, in words for the visitor; `details` are for who made it. */
export class Unplayable extends Error {
  constructor(
    text: string,
    readonly details: string,
  ) {
    super(text);
  }
}

/** By the numbers of wasm/replay.go. */
const words: Record<number, string> = {
  1: 'This file is damaged, or it is no replay.',
  2: 'This replay was made by another version of the game. Play it on the server that recorded it.',
  3: 'This replay is empty: the recording was cut off before the match began.',
};

export class ReplayCore {
  private words = 0;

  constructor(private readonly core: WasmCore) {}

  /** Opens a file. Throws Unplayable. */
  open(file: Uint8Array): About {
    const { go } = this.core;
    this.core.put(file, go.replaySpace(file.length));
    this.check(go.replayOpen());
    const r = this.core.record(go.replayAbout());
    const [title, build] = [r.string(), r.string()];
    const began = (r.number() * 2 ** 32 + (r.number() >>> 0)) * 1000;
    return { title, build, began, tickRate: r.number(), length: r.number(), whole: r.number() === 1 };
  }

  map(): GameMap | null {
    return this.core.ground(this.core.go.replayGround());
  }

  people(): Seat[] {
    const r = this.core.record(this.core.go.replayPeople());
    return Array.from({ length: r.number() }, () => ({
      player: r.number(),
      name: r.string(),
      bot: r.number() === 1,
      status: 0,
    }));
  }

  /** 1 is real time, 0 stands still. */
  speed(times: number): void {
    this.core.go.replaySpeed(Math.round(times * 100));
  }

  /** Begins a jump, which the next calls of advance make. */
  seek(tick: number): void {
    this.core.go.replaySeek(tick);
  }

  /**
   * Goes on by `dt` seconds, simulating so many ticks at most, and makes a picture for who follows that
   * player, 0 for nobody. Throws Unplayable where the file is damaged.
   */
  advance(dt: number, budget: number, follow: number): void {
    const n = this.core.go.replayAdvance(Math.round(dt * 1e6), budget, follow);
    if (n < 0) this.check(-n);
    this.words = n;
  }

  /** Puts the last picture that was made into the core's; to be called last before it is drawn. */
  look(): void {
    this.core.look(this.words);
  }

  state(): State {
    const r = this.core.record(this.core.go.replayState());
    return {
      tick: r.number(),
      ended: r.number() === 1,
      seeking: r.number() === 1,
      from: r.number(),
      at: r.number(),
      to: r.number(),
      changes: r.number(),
      differs: r.number(),
    };
  }

  private check(problem: number): void {
    if (problem === 0) return;
    const r = this.core.record(problem);
    throw new Unplayable(words[r.number()] ?? words[1], r.string());
  }
}
