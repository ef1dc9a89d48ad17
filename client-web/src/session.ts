// The connection: what the core orders, done with sockets. When to dial, when to try a second line
// beside a silent one, which of them plays and when to come back are game/netcode's, in the core (see
// its Lifeline). This is its hands, and tells the page how it goes.
//
// A seat is entered by a Pass, which the owner gets from the lobby, or by the seat's own token after a
// loss or a reload; for another pass the core asks. A seat that was taken over by another tab or device
// stops this page until its player says otherwise; and pages of one browser tell each other (yield),
// for one that is offline hears of no takeover.

import { signal } from '@preact/signals';
import type { Core, LinkOrder } from './core';
import { cost, milestone } from './cost';
import { type Admission, idle, type LinkState, Refused } from './link';
import { forgetSeat, type KeptSeat } from './seat';
import { Socket } from './socket';

/** protocol.CloseReplaced. */
const replaced = 4409;
/** How often the simulator is asked for frames, in milliseconds. */
const simulatorMs = 4;
/** What a countdown may be off before it is set anew. */
const countdownMs = 50;
/** The phases by netcode.Phase. */
const phases = ['joining', 'live', 'retrying', 'stopped'] as const;

export class Session {
  readonly state = signal<LinkState>(idle);
  /** Milliseconds since the last frame. */
  quiet = 0;
  /** Second connections that were tried, and that won, since the last join. */
  hedged = 0;
  rescued = 0;
  /** Where the present seat is, for a later page. */
  url = '';
  private readonly sockets = new Map<number, Socket>();
  /** The line that plays, 0 for none. */
  private line = 0;
  private name = '';
  private reason = '';
  private admission: Admission | undefined;
  /** Counts joins and leaves: an answer to an earlier wish is of no use. */
  private wish = 0;
  private simulator = 0;

  constructor(
    private readonly core: Core,
    /** The game socket next to this page. */
    private readonly home: string,
  ) {
    addEventListener('online', () => this.hurry());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.hurry();
    });
  }

  /** Joins by a pass, or takes the seat of an earlier page again. */
  join(name: string, seat: KeptSeat | null, admission: Admission): void {
    this.end();
    this.name = name;
    this.admission = admission;
    this.state.value = { ...idle, phase: 'joining' };
    milestone('joining');
    if (!seat) {
      void this.enter(false);
      return;
    }
    forgetSeat(); // its token is good for one use
    this.url = seat.url;
    this.core.join(
      performance.now(),
      { name, room: seat.room, token: seat.token, ticket: '', watch: false },
      false,
    );
    this.pump(performance.now());
  }

  leave(): void {
    this.end();
    forgetSeat();
    this.state.value = idle;
  }

  /** Gives the seat to another page of this browser, which says that it has it. */
  yield(): void {
    const { phase } = this.state.peek();
    if (phase === 'live' || phase === 'retrying') {
      this.stop({ ...idle, text: this.core.closing(replaced), code: replaced });
    }
  }

  /** Tries again at once instead of when the back-off says. */
  hurry(): void {
    if (this.state.peek().phase !== 'retrying') return;
    this.core.hurry(performance.now());
    this.pump(performance.now());
  }

  send(frame: Uint8Array): void {
    this.sockets.get(this.line)?.send(frame);
  }

  get backlog(): number {
    return this.sockets.get(this.line)?.backlog ?? 0;
  }

  /** Has the core look at its simulator more often than frames are drawn, or not. */
  simulate(on: boolean): void {
    clearInterval(this.simulator);
    this.simulator = on ? window.setInterval(() => this.pump(performance.now()), simulatorMs) : 0;
  }

  /** Does what is to be done now; to be called every frame and after each event. */
  pump(now: number): void {
    if (!this.admission) return;
    for (;;) {
      const o = this.core.order(now);
      this.line = o.line;
      this.quiet = o.phase === 1 ? o.quiet : 0;
      this.hedged = o.hedged;
      this.rescued = o.rescued;
      if (o.kind === 'dial') this.dial(o.about);
      else if (o.kind === 'drop') this.drop(o.about, o.code);
      else if (o.kind === 'ask') void this.enter(true);
      else if (o.kind === 'send') this.sockets.get(o.about)?.send(o.frame);
      else {
        this.tell(o, now);
        return;
      }
    }
  }

  /** Gives up whatever is under way. */
  private end(): void {
    this.wish++;
    this.admission = undefined;
    for (const line of [...this.sockets.keys()]) this.drop(line, 1000);
    this.core.leave();
    this.line = 0;
    this.quiet = 0;
    this.reason = '';
  }

  /** Gets a pass and goes in by it, the first time or again. */
  private async enter(again: boolean): Promise<void> {
    const { wish, admission } = this;
    if (!admission) return;
    try {
      const pass = await admission();
      if (wish !== this.wish) return;
      this.url = pass.url;
      this.core.join(performance.now(), { name: this.name, token: '', ...pass }, again);
      this.pump(performance.now());
    } catch (problem) {
      if (wish !== this.wish) return;
      const text = problem instanceof Error ? problem.message : 'There is no seat.';
      this.stop({ ...idle, text, refusal: problem instanceof Refused ? problem.code : 'unknown' });
    }
  }

  private dial(line: number): void {
    const socket = new Socket(this.url || this.home, {
      opened: () => {
        milestone('connected');
        const now = performance.now();
        const hello = this.core.opened(now, line);
        if (hello) socket.send(hello);
        this.pump(now);
      },
      frame: (bytes) => {
        cost.start();
        const now = performance.now();
        const problem = this.core.receive(now, line, bytes);
        if (problem) console.warn('hindsight:', problem);
        this.pump(now);
        cost.lap('receive');
      },
      ended: (code, reason) => {
        this.sockets.delete(line);
        this.reason = reason;
        this.core.ended(performance.now(), line, code);
        this.pump(performance.now());
      },
    });
    this.sockets.set(line, socket);
  }

  private drop(line: number, code: number): void {
    this.sockets.get(line)?.drop(code);
    this.sockets.delete(line);
  }

  /** Tells the page how it goes. */
  private tell(o: LinkOrder, now: number): void {
    const phase = phases[o.phase];
    const before = this.state.peek();
    if (phase === 'live') {
      this.reason = '';
      if (before.phase !== 'live') this.state.value = { ...idle, phase };
    } else if (phase === 'stopped') {
      this.stop({ ...idle, attempt: o.tries, text: this.words(o.reason), code: o.reason });
    } else if (phase === 'retrying') {
      const retryAt = o.wait > 0 ? now + o.wait : 0;
      const same = before.phase === phase && before.attempt === o.tries && before.code === o.reason;
      if (same && Math.abs(retryAt - before.retryAt) < countdownMs) return;
      this.state.value = {
        ...idle,
        phase,
        attempt: o.tries,
        retryAt,
        text: this.words(o.reason),
        code: o.reason,
      };
    }
  }

  private words(code: number): string {
    return this.reason || this.core.closing(code);
  }

  private stop(s: LinkState): void {
    this.end();
    forgetSeat();
    this.state.value = { ...s, phase: 'stopped' };
  }
}
