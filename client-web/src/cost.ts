// What the page costs: the time of each part of a frame, as the page itself measures it. The parts are
// laps of one stopwatch, which a frame and each message in between start anew; what the browser and the
// GPU do on their own is not in them. Off, it only reads the clock.

/**
 * receive: frames taken off the sockets and decoded. core: time passing in the core, prediction, and the
 * picture laid out. scene: the picture read and the sprites moved. render: draw calls submitted. page: all
 * else, the HUD included.
 */
export const parts = ['receive', 'core', 'scene', 'render', 'page'] as const;
export type Part = (typeof parts)[number];

/** Milliseconds. */
export interface Spread {
  mean: number;
  p99: number;
}

/** What the last frames took. */
export interface CostReport extends Record<Part | 'all' | 'gap', Spread> {
  /** How many frames it is about. */
  frames: number;
}

/** So many frames are remembered: half a minute, and more than a p99 needs. */
const remembered = 2048;
/** Of each frame: its parts, and the time since the one before. */
const columns = parts.length + 1;

export class Cost {
  /** Whether anybody wants to know. */
  on = false;
  private readonly rows = new Float32Array(remembered * columns);
  private readonly row = new Float64Array(columns);
  private count = 0;
  private began = 0;
  private lapAt = 0;

  /** Begins a frame; what was measured since the last began is that one's. */
  frame(): void {
    const now = performance.now();
    if (this.on && this.began > 0) {
      this.row[parts.length] = now - this.began;
      this.rows.set(this.row, (this.count++ % remembered) * columns);
    }
    this.row.fill(0);
    this.began = this.on ? now : 0;
    this.lapAt = now;
  }

  /** Begins work that is not in a frame's course: a message, a timer. */
  start(): void {
    this.lapAt = performance.now();
  }

  /** What was done since the last lap, or the start, was this part. */
  lap(part: Part): void {
    const now = performance.now();
    this.row[parts.indexOf(part)] += now - this.lapAt;
    this.lapAt = now;
  }

  /** Ends a frame's course. The HUD is rendered right after it. */
  readonly settle = (): void => {
    if (this.on) queueMicrotask(this.settled);
  };

  private readonly settled = (): void => this.lap('page');

  /** Reports on the last frames. */
  report(most = remembered): CostReport {
    const frames = Math.min(this.count, remembered, most);
    const column = (of: (at: number) => number): Spread => {
      const values = Float32Array.from({ length: frames }, (_, i) =>
        of(((this.count - 1 - i) % remembered) * columns),
      ).sort();
      const sum = values.reduce((a, b) => a + b, 0);
      return { mean: frames > 0 ? sum / frames : 0, p99: values[Math.floor(frames * 0.99)] ?? 0 };
    };
    const of = (part: Part) => column((at) => this.rows[at + parts.indexOf(part)]);
    return {
      frames,
      receive: of('receive'),
      core: of('core'),
      scene: of('scene'),
      render: of('render'),
      page: of('page'),
      all: column((at) => this.rows.subarray(at, at + parts.length).reduce((a, b) => a + b, 0)),
      gap: column((at) => this.rows[at + parts.length]),
    };
  }
}

export const cost = new Cost();

/** How loading goes, as marks of the browser's performance timeline: `hindsight:playable` and so on. */
export type Milestone =
  | 'script'
  | 'fetched'
  | 'compiled'
  | 'core'
  | 'stage'
  | 'ready'
  | 'joining'
  | 'connected'
  | 'snapshot'
  | 'playable';

const passed = new Set<Milestone>();

/** Marks a moment of the first visit to a match; only the first time counts. */
export function milestone(name: Milestone): void {
  if (passed.has(name)) return;
  passed.add(name);
  performance.mark(`hindsight:${name}`);
}

/** The heap of scripts in bytes, where the browser tells: Chromium does. */
export function scriptHeap(): number {
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  return memory?.usedJSHeapSize ?? 0;
}
