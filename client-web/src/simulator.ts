// The network simulator: what the player set, and what the connection makes of it. The simulating is the
// core's. Nothing is kept over a reload, so that nobody plays on a bad network by mistake.

import { signal } from '@preact/signals';
import type { Core } from './core';
import type { Session } from './session';

/** What is simulated on top of the real connection. */
export interface Conditions {
  /** Milliseconds, there and back. */
  rtt: number;
  /** Milliseconds, the mean in each direction. */
  jitter: number;
  /** Per cent of the segments. */
  loss: number;
}

/** A line of what is measured. */
export interface Reading {
  label: string;
  text: string;
  bad: boolean;
}

const none: Conditions = { rtt: 0, jitter: 0, loss: 0 };
const everyMs = 500;

export const conditions = signal<Conditions>(none);
export const panelOpen = signal(false);
export const readings = signal<readonly Reading[]>([]);

export const simulating = (c: Conditions): boolean => c.rtt + c.jitter + c.loss > 0;

export class Simulator {
  private at = 0;
  /** The totals when the conditions were changed, and when that was: what follows is their doing. */
  private before: Record<string, number> | undefined;
  private since = 0;

  constructor(
    private readonly core: Core,
    private readonly session: Session,
  ) {}

  set(part: Partial<Conditions>): void {
    const c = { ...conditions.peek(), ...part };
    conditions.value = c;
    this.core.simulate(c.rtt, c.jitter, c.loss * 10_000);
    this.session.simulate(simulating(c));
    this.before = undefined;
  }

  reset(): void {
    this.set(none);
  }

  /** Lets nothing through for a while. */
  stall(ms: number): void {
    this.core.stall(performance.now(), ms);
  }

  /** To be called every frame; does its work when it is time and the panel is open. */
  frame(now: number): void {
    if (now - this.at < everyMs) return;
    this.at = now;
    if (panelOpen.peek()) this.measure(now);
  }

  private measure(now: number): void {
    const words = this.core.stats();
    const s: Record<string, number> = {};
    this.core.schema.stats.fields.forEach((name, i) => {
      s[name] = words[i];
    });
    // Another room counts from nothing.
    if (!this.before || s.snapshots < this.before.snapshots) {
      this.before = s;
      this.since = now;
    }
    const { before } = this;
    const fresh = (name: string) => s[name] - before[name];
    const minutes = Math.max(now - this.since, everyMs) / 60_000;
    const perMinute = (name: string) => String(Math.round((fresh(name) / minutes) * 10) / 10);
    const ms = (name: string) => `${(s[name] / 1000).toFixed(0)} ms`;
    const agreed = fresh('shotsAgreed');
    const judged = agreed + fresh('shotsDenied');
    const share = ((100 * agreed) / judged).toFixed(agreed < judged ? 1 : 0);
    const hits = judged > 0 ? `${share} % (${agreed} of ${judged})` : 'none yet';
    const line = (label: string, text: string, bad = false): Reading => ({ label, text, bad });
    readings.value = [
      line('Shots judged as you saw them', hits, agreed < judged),
      line('Round trip', ms('rtt')),
      line('Commands arrive early by', ms('margin'), s.margin < 0),
      line('Others are shown behind by', ms('delay')),
      line(
        'Corrections a minute: late, touched, clamped',
        ['correctedLate', 'correctedTouch', 'correctedClamp'].map(perMinute).join(', '),
      ),
      line('… of unknown cause', perMinute('correctedUnknown'), fresh('correctedUnknown') > 0),
      line('Picture ran dry', `${fresh('underruns')} times`, fresh('underruns') > 0),
    ];
  }
}
