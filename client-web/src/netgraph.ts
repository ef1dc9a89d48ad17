// Samples the core's stats ten times a second for the net graph.

import type { Core } from './core';
import { cost, scriptHeap } from './cost';
import { type GraphRow, graphRows, type HitchLine, hitchLines } from './hud/NetGraph';

const everyMs = 100;
/** How often the cost of frames and the garbage are looked at: a core asked often would cost itself. */
const costMs = 1000;
const costFrames = 120;
/** How many hitches are listed, and for how long. */
const listed = 5;
const listedMs = 30_000;

/** The counts of hitches by cause, and what they are called. */
const causes: readonly (readonly [string, HitchLine['cause'], string])[] = [
  ['hitchFrame', 'frame', 'This device'],
  ['hitchServer', 'server', 'Server'],
  ['hitchSend', 'send', 'Send wait'],
  ['hitchNetwork', 'network', 'Network'],
];

export class NetGraphSampler {
  private at = 0;
  private frames = 0;
  private last: Record<string, number> = {};
  private inRate = 0;
  private outRate = 0;
  private fps = 60;

  private costAt = 0;
  private coreKiB = 0;
  private costRows: GraphRow[] = [];
  private readonly scripts = new Garbage();

  constructor(private readonly core: Core) {}

  /** To be called every frame; does its work only when it is time and the graph is open. */
  frame(now: number, open: boolean): void {
    this.frames++;
    const past = now - this.at;
    if (past < everyMs) return;
    this.fps += ((this.frames * 1000) / past - this.fps) * 0.3;
    this.at = now;
    this.frames = 0;
    if (open) this.sample(past / 1000);
    else this.last = {};
  }

  private sample(seconds: number): void {
    const words = this.core.stats();
    const now: Record<string, number> = {};
    this.core.schema.stats.fields.forEach((name, i) => {
      now[name] = words[i];
    });
    // A second connection that won counts from nothing.
    const since = (name: string) => Math.max(0, now[name] - (this.last[name] ?? now[name]));
    this.inRate += (since('bytesIn') / seconds - this.inRate) * 0.2;
    this.outRate += (since('bytesOut') / seconds - this.outRate) * 0.2;
    const ms = (name: string) => now[name] / 1000;
    const time = (label: string, name: string, full: number, limit: number): GraphRow => ({
      label,
      text: `${ms(name).toFixed(1)} ms`,
      value: Math.max(0, ms(name)),
      full,
      bad: ms(name) > limit,
    });
    const count = (label: string, names: string[], bad: boolean): GraphRow => {
      const fresh = names.reduce((sum, n) => sum + since(n), 0);
      return {
        label,
        text: names.map((n) => now[n]).join(' / '),
        value: fresh,
        full: 2,
        bad: bad && fresh > 0,
      };
    };
    this.scripts.sample(scriptHeap());
    if (this.at - this.costAt > costMs) this.sampleCost();
    graphRows.value = [
      { label: 'Frames', text: `${this.fps.toFixed(0)} /s`, value: this.fps, full: 70, bad: this.fps < 45 },
      time('Round trip', 'rtt', 80, 150),
      time('Jitter', 'jitter', 15, 25),
      { ...time('Margin', 'margin', 15, 1e9), bad: ms('margin') < 0 },
      time('View delay', 'delay', 80, 120),
      time('Tick late', 'serverLate', 8, 8),
      time('Send wait', 'sendWait', 8, 8),
      {
        label: 'In',
        text: `${(this.inRate / 1024).toFixed(1)} KB/s`,
        value: this.inRate,
        full: 16384,
        bad: false,
      },
      {
        label: 'Out',
        text: `${(this.outRate / 1024).toFixed(1)} KB/s`,
        value: this.outRate,
        full: 8192,
        bad: false,
      },
      count('Skipped frames', ['skipped'], true),
      count('Late / touch / clamp', ['correctedLate', 'correctedTouch', 'correctedClamp'], false),
      count('Unexplained', ['correctedUnknown'], true),
      count('Shots agreed / denied', ['shotsAgreed', 'shotsDenied'], false),
      ...this.costRows,
    ];
    const fresh = causes.filter(([name]) => since(name) > 0);
    hitchLines.value = [
      ...fresh.map(([, cause, word]) => ({ at: this.at, cause, word, ms: Math.round(ms('hitchLong')) })),
      ...hitchLines.value,
    ]
      .filter((h) => this.at - h.at < listedMs)
      .slice(0, listed);
    this.last = now;
  }
  /** Looks at what frames cost, and what garbage they make. */
  private sampleCost(): void {
    const seconds = (this.at - this.costAt) / 1000;
    this.costAt = this.at;
    const { allocated } = this.core.heap();
    // Of a core that was not looked at for long, the mean of all that time says nothing.
    const core = seconds < 2 ? (allocated - this.coreKiB) / seconds : 0;
    this.coreKiB = allocated;
    const scripts = this.scripts.take() / 1024 / seconds;
    const c = cost.report(costFrames);
    const ms = (part: 'receive' | 'core' | 'scene' | 'render') => c[part].mean.toFixed(1);
    this.costRows = [
      {
        label: 'Work a frame',
        text: `${c.all.mean.toFixed(1)}, p99 ${c.all.p99.toFixed(1)} ms`,
        value: c.all.mean,
        full: 4,
        bad: c.all.mean > 8,
      },
      {
        label: 'Decode / core / scene / draw',
        text: `${ms('receive')} / ${ms('core')} / ${ms('scene')} / ${ms('render')}`,
        value: c.all.p99,
        full: 8,
        bad: false,
      },
      {
        label: 'Garbage, core / page',
        text: `${core.toFixed(0)} / ${scripts.toFixed(0)} KB/s`,
        value: core + scripts,
        full: 1024,
        bad: false,
      },
    ];
  }
}

/** Sums how a heap grows between its collections. */
class Garbage {
  private last = Number.POSITIVE_INFINITY;
  private sum = 0;

  sample(bytes: number): void {
    this.sum += Math.max(0, bytes - this.last);
    this.last = bytes;
  }

  /** What came since the last call. */
  take(): number {
    const { sum } = this;
    this.sum = 0;
    return sum;
  }
}
