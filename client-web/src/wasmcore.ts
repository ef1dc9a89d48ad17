// The border between the languages: numbers go in as arguments, bytes through shared memory. Nothing here
// knows what the bytes mean.

import type { Controls, Core, Entry, GameMap, Heap, LinkOrder, Room } from './core';
import { milestone } from './cost';
import { Picture } from './picture';
import { packStrings, RecordReader } from './record';
import type { ReplayExports } from './replay/core';
import { Schema } from './schema';

/** The functions of wasm/main.go. */
interface Exports extends ReplayExports {
  mem: WebAssembly.Memory;
  input(): number;
  output(): number;
  describe(): number;
  join(now: number, bytes: number, watch: number, again: number): void;
  leave(): void;
  order(now: number): number;
  opened(now: number, line: number): number;
  receive(now: number, line: number, bytes: number): number;
  ended(now: number, line: number, code: number): void;
  hurry(now: number): void;
  simulate(rtt: number, jitter: number, loss: number): void;
  stall(now: number, ms: number): void;
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
  due(): number;
  report(now: number, backlog: number): number;
  say(now: number, bytes: number): number;
  draw(now: number): number;
  rewatch(now: number, tick: number, wait: number): number;
  drawTape(now: number): number;
  picture(): number;
  stats(): number;
  news(): number;
  ground(): number;
  heap(): number;
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

/** The orders by their numbers in wasm/lines.go. */
const orders = ['', 'dial', 'drop', 'ask', 'send'] as const;
const nothing = new Uint8Array();

/** A view of Go's memory from one place on, kept as long as neither the place nor the memory moves. */
class Words {
  private words = new Int32Array();
  private from = -1;

  constructor(private readonly memory: WebAssembly.Memory) {}

  at(from: number): Int32Array {
    if (from !== this.from || this.words.buffer !== this.memory.buffer) {
      this.from = from;
      this.words = new Int32Array(this.memory.buffer, from);
    }
    return this.words;
  }
}

/** Is told how many of how many bytes have come. */
export type LoadProgress = (bytes: number, total: number) => void;

export class WasmCore implements Core {
  readonly schema: Schema;
  readonly picture: Picture;
  /** What `order` returns, made once. */
  private readonly link: LinkOrder = {
    kind: '',
    about: 0,
    code: 0,
    frame: nothing,
    line: 0,
    phase: 0,
    reason: 0,
    tries: 0,
    wait: 0,
    quiet: 0,
    hedged: 0,
    rescued: 0,
  };
  private readonly linkWords: Words;
  private readonly pictureWords: Words;
  private memory: ArrayBuffer;
  private bytes: Uint8Array;

  private constructor(readonly go: Exports) {
    this.linkWords = new Words(go.mem);
    this.pictureWords = new Words(go.mem);
    this.memory = go.mem.buffer;
    this.bytes = new Uint8Array(this.memory);
    this.schema = new Schema(this.record(go.describe()));
    this.picture = new Picture(this.schema);
  }

  /** Loads the core. */
  static async load(progress: LoadProgress): Promise<WasmCore> {
    const [response] = await Promise.all([fetch('/hindsight.wasm'), loadGo()]);
    if (!response.ok || !response.body) throw new Error(`The game could not be loaded (${response.status}).`);
    const go = new Go();
    const counted = response.body.pipeThrough(countBytes((n) => progress(n, __WASM_BYTES__)));
    const source = new Response(counted, { headers: { 'Content-Type': 'application/wasm' } });
    const { instance } = await WebAssembly.instantiateStreaming(source, go.importObject);
    milestone('compiled');
    void go.run(instance); // runs until the page closes
    const core = new WasmCore(instance.exports as unknown as Exports);
    milestone('core');
    return core;
  }

  join(now: number, e: Entry, again: boolean): void {
    const bytes = this.give(packStrings(e.name, e.room, e.token, e.ticket));
    this.go.join(micros(now), bytes, e.watch ? 1 : 0, again ? 1 : 0);
  }

  leave(): void {
    this.go.leave();
  }

  order(now: number): LinkOrder {
    const w = this.linkWords.at(this.go.order(micros(now)));
    const o = this.link;
    o.kind = orders[w[0]];
    o.about = w[1];
    o.code = w[2];
    o.frame = w[3] > 0 ? this.out(w[3]) : nothing;
    o.line = w[4];
    o.phase = w[5];
    o.reason = w[6];
    o.tries = w[7];
    o.wait = w[8];
    o.quiet = w[9];
    o.hedged = w[10];
    o.rescued = w[11];
    return o;
  }

  opened(now: number, line: number): Uint8Array | null {
    return this.maybe(this.go.opened(micros(now), line));
  }

  receive(now: number, line: number, frame: ArrayBuffer): string {
    const problem = this.go.receive(micros(now), line, this.give(new Uint8Array(frame)));
    return problem > 0 ? this.record(problem).string() : '';
  }

  ended(now: number, line: number, code: number): void {
    this.go.ended(micros(now), line, code);
  }

  hurry(now: number): void {
    this.go.hurry(micros(now));
  }

  simulate(rtt: number, jitter: number, loss: number): void {
    this.go.simulate(rtt, jitter, loss);
  }

  stall(now: number, ms: number): void {
    this.go.stall(micros(now), ms);
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
    return this.maybe(n);
  }

  due(): number {
    return this.go.due() / 1000;
  }

  report(now: number, backlogBytes: number): Uint8Array | null {
    return this.maybe(this.go.report(micros(now), backlogBytes));
  }

  say(now: number, text: string): Uint8Array | null {
    return this.maybe(this.go.say(micros(now), this.give(packStrings(text))));
  }

  draw(now: number): boolean {
    return this.look(this.go.draw(micros(now)));
  }

  rewatch(now: number, tick: number, waitMs: number): number {
    return this.go.rewatch(micros(now), tick, waitMs) / 256;
  }

  drawTape(now: number): boolean {
    return this.look(this.go.drawTape(micros(now)));
  }

  /** Takes in a picture of so many words; 0 is none. */
  look(n: number): boolean {
    if (n > 0) this.picture.words = this.pictureWords.at(this.go.picture());
    return n > 0;
  }

  stats(): Int32Array {
    return this.numbers(this.go.stats(), this.schema.stats.fields.length);
  }

  heap(): Heap {
    const [allocated, collections, pause, live, reserved] = this.numbers(this.go.heap(), 5);
    return { allocated, collections, pause, live, reserved };
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
    return this.ground(this.go.ground());
  }

  /** Reads a ground of so many bytes; 0 is none. */
  ground(n: number): GameMap | null {
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

  closing(code: number): string {
    return this.record(this.go.closing(code)).string();
  }

  /** Copies bytes to where Go reads them and returns how many. */
  private give(bytes: Uint8Array): number {
    this.put(bytes, this.go.input());
    return bytes.length;
  }

  /** Copies bytes to a place in Go's memory. */
  put(bytes: Uint8Array, at: number): void {
    this.refresh();
    this.bytes.set(bytes, at);
  }

  private maybe(n: number): Uint8Array | null {
    return n > 0 ? this.out(n) : null;
  }

  private out(n: number): Uint8Array {
    const at = this.go.output();
    this.refresh();
    return this.bytes.subarray(at, at + n);
  }

  /** Reads a record of so many bytes. */
  record(n: number): RecordReader {
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

/** Runs wasm_exec.js. By its whole address, since Vite's own server imports no file of `public` by less. */
async function loadGo(): Promise<void> {
  const address = new URL('/wasm_exec.js', location.origin).href;
  await import(/* @vite-ignore */ address).catch(() => {
    throw new Error('The game could not be loaded.');
  });
}
