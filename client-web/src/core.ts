// The client core in WASM: game/netcode and the rules, the same Go code that the server runs. This
// file is the whole of the border between the languages: numbers go in as arguments, bytes through
// shared memory. Nothing here knows what the bytes mean.

import { Picture } from './picture';
import { packStrings, RecordReader } from './record';
import { Schema } from './schema';

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

/** The functions of wasm/main.go. */
interface Exports {
  mem: WebAssembly.Memory;
  input(): number;
  output(): number;
  describe(): number;
  join(bytes: number, watch: number): void;
  hello(now: number): number;
  receive(now: number, bytes: number): number;
  challenge(now: number): number;
  receiveRival(now: number, bytes: number): number;
  advance(
    now: number,
    moveX: number,
    moveY: number,
    aim: number,
    held: number,
    select: number,
    press0: number,
    press1: number,
    hidden: number,
    backlog: number,
  ): number;
  say(bytes: number): number;
  draw(now: number): number;
  picture(): number;
  stats(): number;
  news(): number;
  ground(): number;
  closing(code: number): number;
}

declare global {
  /** The loader from Go's wasm_exec.js. */
  class Go {
    importObject: WebAssembly.Imports;
    run(instance: WebAssembly.Instance): Promise<void>;
  }
  const __WASM_BYTES__: number;
}

export class WasmCore implements Core {
  readonly schema: Schema;
  readonly picture: Picture;
  private memory: ArrayBuffer;
  private bytes: Uint8Array;

  private constructor(private readonly go: Exports) {
    this.memory = go.mem.buffer;
    this.bytes = new Uint8Array(this.memory);
    this.schema = new Schema(this.record(go.describe()));
    this.picture = new Picture(this.schema);
  }

  /** Loads the core, telling how many of how many bytes have come. */
  static async load(progress: (bytes: number, total: number) => void): Promise<WasmCore> {
    const [response] = await Promise.all([fetch('/hindsight.wasm'), loadScript('/wasm_exec.js')]);
    if (!response.ok || !response.body) throw new Error(`The game could not be loaded (${response.status}).`);
    const go = new Go();
    const counted = response.body.pipeThrough(countBytes((n) => progress(n, __WASM_BYTES__)));
    const source = new Response(counted, { headers: { 'Content-Type': 'application/wasm' } });
    const { instance } = await WebAssembly.instantiateStreaming(source, go.importObject);
    void go.run(instance); // runs until the page closes
    return new WasmCore(instance.exports as unknown as Exports);
  }

  join(e: Entry): void {
    this.go.join(this.give(packStrings(e.name, e.room, e.token, e.ticket)), e.watch ? 1 : 0);
  }

  hello(now: number): Uint8Array {
    return this.out(this.go.hello(micros(now)));
  }

  receive(now: number, frame: ArrayBuffer): void {
    const problem = this.go.receive(micros(now), this.give(new Uint8Array(frame)));
    if (problem > 0) throw new Error(this.record(problem).string());
  }

  challenge(now: number): Uint8Array {
    return this.out(this.go.challenge(micros(now)));
  }

  receiveRival(now: number, frame: ArrayBuffer): boolean {
    const answer = this.go.receiveRival(micros(now), this.give(new Uint8Array(frame)));
    if (answer > 0) throw new Error(this.record(answer).string());
    return answer < 0;
  }

  advance(now: number, c: Controls, backlogBytes: number): Uint8Array | null {
    const n = this.go.advance(
      micros(now),
      c.moveX,
      c.moveY,
      c.aim,
      c.held,
      c.select,
      c.press0,
      c.press1,
      c.hidden ? 1 : 0,
      backlogBytes,
    );
    return n > 0 ? this.out(n) : null;
  }

  say(text: string): Uint8Array | null {
    const n = this.go.say(this.give(packStrings(text)));
    return n > 0 ? this.out(n) : null;
  }

  draw(now: number): boolean {
    const n = this.go.draw(micros(now));
    if (n === 0) return false;
    this.picture.words = this.numbers(this.go.picture(), n);
    return true;
  }

  stats(): Int32Array {
    return this.numbers(this.go.stats(), this.schema.stats.fields.length);
  }

  news(): Room | null {
    const n = this.go.news();
    if (n === 0) return null;
    const r = this.record(n);
    return {
      match: r.number(),
      id: r.string(),
      token: r.string(),
      build: r.string(),
      me: r.number(),
      title: r.string(),
      seats: Array.from({ length: r.number() }, () => ({
        player: r.number(),
        name: r.string(),
        bot: r.number() === 1,
        status: r.number(),
      })),
      chat: Array.from({ length: r.number() }, () => ({
        player: r.number(),
        name: r.string(),
        text: r.string(),
      })),
    };
  }

  map(): GameMap | null {
    const n = this.go.ground();
    if (n === 0) return null;
    const r = this.record(n);
    return {
      title: r.string(),
      width: r.number(),
      height: r.number(),
      tiles: r.data(),
      pickups: Array.from({ length: r.number() }, () => ({
        kind: r.string(),
        weapon: r.number(),
        x: r.number() / 256,
        y: r.number() / 256,
        respawn: r.number(),
      })),
    };
  }

  closing(code: number): Closing {
    const r = this.record(this.go.closing(code));
    const action = r.number();
    return { action: action === 0 || action === 1 ? action : 2, text: r.string() };
  }

  /** Copies bytes to where Go reads them and returns how many. */
  private give(bytes: Uint8Array): number {
    const at = this.go.input();
    this.refresh();
    this.bytes.set(bytes, at);
    return bytes.length;
  }

  private out(n: number): Uint8Array {
    const at = this.go.output();
    this.refresh();
    return this.bytes.subarray(at, at + n);
  }

  private record(n: number): RecordReader {
    return new RecordReader(this.out(n));
  }

  private numbers(at: number, n: number): Int32Array {
    return new Int32Array(this.go.mem.buffer, at, n);
  }

  /** Memory that grew is a new buffer; the old one is empty. */
  private refresh(): void {
    if (this.memory === this.go.mem.buffer) return;
    this.memory = this.go.mem.buffer;
    this.bytes = new Uint8Array(this.memory);
  }
}

const micros = (ms: number) => Math.round(ms * 1000);

function countBytes(tell: (n: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let n = 0;
  return new TransformStream({
    transform(chunk, out) {
      n += chunk.length;
      tell(n);
      out.enqueue(chunk);
    },
  });
}

function loadScript(src: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const s = document.createElement('script');
    s.src = src;
    s.onload = () => resolve();
    s.onerror = () => reject(new Error('The game could not be loaded.'));
    document.head.append(s);
  });
}
