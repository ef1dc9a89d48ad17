// The border between the languages: numbers go in as arguments, bytes through shared memory. Nothing here
// knows what the bytes mean.

import type { Closing, Controls, Core, Entry, GameMap, Room } from './core';
import { Picture } from './picture';
import { packStrings, RecordReader } from './record';
import { Schema } from './schema';

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
  report(now: number, backlog: number): number;
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

  report(now: number, backlogBytes: number): Uint8Array | null {
    const n = this.go.report(micros(now), backlogBytes);
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
