// The connection as the player lives through it: joining, playing, losing the line, finding back,
// being refused. It owns the sockets and feeds the core; what the frames mean is the core's business.
//
// A seat is entered by a Pass, which the owner gets from the lobby, or by the seat's own token after a
// loss or a reload. What a close code asks for is in protocol: Retry comes back with the token, Rejoin
// asks for another pass, Stop tells the player. Who looks on has no token and always needs a pass.
//
// When a live line falls silent a second one is opened beside it (hedge.ts). Each line has a client of
// its own in the core, so that no frame of one meets the state of the other:
//
//   - until the second has said hello, a frame on the first ends the race: the second is dropped;
//   - its hello shows the newest token, so the server moves the seat to it and closes the first with
//     4409 "replaced". That is no takeover: the own hedge was it, and its answer is waited for;
//   - the second's first snapshot makes its client the page's, and the first line is closed;
//   - a second line that dies or is late is followed by another. The token stays good until the server
//     has heard input on a line that answered, so nothing is lost by trying.
//
// A 4409 without a hedge under way is another tab or device. It stops this one until its player says
// otherwise: two pages that took the seat from each other in turns would both be unplayable. Nor does a
// page that slept ask for a new pass by itself, since its player may have gone on elsewhere; and pages
// of one browser tell each other (yield), for one that is offline hears of no 4409.

import { signal } from '@preact/signals';
import { next } from './backoff';
import type { Core } from './core';
import { Hedge, patience, suspicious } from './hedge';
import { type Admission, idle, type LinkState, Refused } from './link';
import { forgetSeat, type KeptSeat } from './seat';
import { abnormal, Socket, type SocketEvents } from './socket';

/** After this long without a frame the line is taken for dead and the player is told. */
const deadMs = 3000;
/** A connection that lasted this long was a good one: the back-off begins anew. */
const settledMs = 5000;
/** When time has leapt by this much the page was asleep, and what has come is still to be read. */
const asleepMs = 300;
/** How long a connection may take to open: a first one, and the n-th after a loss. */
const dialMs = 8000;
const redialMs = (attempt: number) => Math.min(dialMs, 1000 + 1000 * attempt);
/** After a leap of this much nobody was at the page: its seat may be in use elsewhere by now. */
const absentMs = 30_000;
/** protocol.CloseReplaced and protocol.CloseBadMessage. */
const replaced = 4409;
const badMessage = 4400;

export class Session {
  readonly state = signal<LinkState>(idle);
  /** performance.now() of the last frame received, 0 before the first of a connection. */
  heardAt = 0;
  /** Second connections that were tried, and that won, since the page was loaded. */
  hedged = 0;
  rescued = 0;
  /** Where the present seat is, for a later page. */
  url = '';
  private socket: Socket | undefined;
  private hedge: Hedge | undefined;
  private hedges = 0;
  private timer = 0;
  private attempt = 0;
  private openedAt = 0;
  private watchedAt = 0;
  private name = '';
  private admission: Admission | undefined;
  /** Counts joins and leaves: an answer to an earlier wish is of no use. */
  private wish = 0;
  /** Without a token to come back with, every return takes a pass. */
  private tokenless = false;
  /** Nobody was at this page since the last frame. */
  private absent = false;

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
    this.attempt = 0;
    this.set({ ...idle, phase: 'joining' });
    if (!seat) {
      void this.enter();
      return;
    }
    forgetSeat(); // its token is good for one use
    this.core.join({ name, room: seat.room, token: seat.token, ticket: '', watch: false });
    this.tokenless = false;
    this.url = seat.url;
    this.dial();
  }

  leave(): void {
    this.end();
    forgetSeat();
    this.set(idle);
  }

  /** Gives the seat to another page of this browser, which says that it has it. */
  yield(): void {
    if (this.state.peek().phase !== 'live' && this.state.peek().phase !== 'retrying') return;
    this.stop({ ...idle, text: this.core.closing(replaced).text, code: replaced });
  }

  /** Tries again at once instead of when the back-off says. */
  hurry(): void {
    if (this.state.peek().phase !== 'retrying' || this.socket || this.timer === 0) return;
    this.back();
  }

  send(frame: Uint8Array): void {
    this.socket?.send(frame);
  }

  get backlog(): number {
    return this.socket?.backlog ?? 0;
  }

  /** To be called often: notices that the line has gone silent. `rtt` is in milliseconds. */
  watch(now: number, rtt: number): void {
    const leap = this.watchedAt === 0 ? 0 : now - this.watchedAt;
    if (leap > absentMs) this.absent = true;
    if (leap > asleepMs && this.heardAt > 0) this.heardAt = now;
    this.watchedAt = now;
    if (this.state.peek().phase !== 'live' || this.heardAt === 0) return;
    const silence = now - this.heardAt;
    if (silence > deadMs) {
      this.socket?.drop();
      this.lost(abnormal, '');
    } else if (silence > suspicious(rtt) && !this.tokenless && (!this.hedge || this.hedge.late(now))) {
      this.race(now, rtt);
    }
  }

  /** Gives up whatever is under way. */
  private end(): void {
    this.wish++;
    this.admission = undefined;
    clearTimeout(this.timer);
    this.timer = 0;
    this.calm();
    this.socket?.drop();
    this.socket = undefined;
    this.heardAt = 0;
  }

  /** Gets a pass and dials. */
  private async enter(): Promise<void> {
    const { wish, admission } = this;
    if (!admission) return;
    try {
      const pass = await admission();
      if (wish !== this.wish) return;
      this.core.join({ name: this.name, token: '', ...pass });
      this.tokenless = pass.watch;
      this.url = pass.url;
      this.dial();
    } catch (problem) {
      if (wish !== this.wish) return;
      const text = problem instanceof Error ? problem.message : 'There is no seat.';
      this.stop({ ...idle, text, refusal: problem instanceof Refused ? problem.code : 'unknown' });
    }
  }

  private dial(): void {
    this.heardAt = 0;
    this.openedAt = 0;
    const url = this.url || this.home;
    this.socket = new Socket(url, this.attempt === 0 ? dialMs : redialMs(this.attempt), this.events());
  }

  /** What the one line that counts tells. */
  private events(): SocketEvents {
    return {
      opened: () => {
        this.openedAt = performance.now();
        this.send(this.core.hello(this.openedAt));
      },
      frame: (bytes) => this.receive(bytes),
      ended: (code, reason) => this.ended(code, reason),
    };
  }

  private receive(bytes: ArrayBuffer): void {
    const now = performance.now();
    try {
      this.core.receive(now, bytes);
    } catch (problem) {
      // Out of step with the server: a new connection begins with a full picture.
      console.warn('hindsight:', problem);
      this.socket?.drop(badMessage);
      this.lost(abnormal, '');
      return;
    }
    this.heard(now);
    if (this.hedge && !this.hedge.committed) this.calm();
  }

  private heard(now: number): void {
    this.heardAt = now;
    this.absent = false;
    if (this.state.peek().phase !== 'live') this.set({ ...idle, phase: 'live' });
    if (now - this.openedAt > settledMs) this.attempt = 0;
  }

  /** Opens a second line. */
  private race(now: number, rtt: number): void {
    this.hedge?.drop();
    this.hedged++;
    this.hedge = new Hedge(this.core, this.url || this.home, now, patience(rtt, this.hedges++), {
      won: (socket) => {
        this.rescued++;
        this.hedge = undefined;
        this.hedges = 0;
        this.socket?.drop();
        this.socket = socket;
        socket.handTo(this.events());
        this.openedAt = performance.now();
        this.heard(this.openedAt);
      },
      failed: (code, reason) => {
        this.hedge = undefined;
        if (!this.socket) this.lost(code, reason);
      },
    });
  }

  /** Ends the race. */
  private calm(): void {
    this.hedge?.drop();
    this.hedge = undefined;
    this.hedges = 0;
  }

  /** The one line has ended. A second one that is under way goes on. */
  private ended(code: number, reason: string): void {
    this.socket = undefined;
    const moved = code === replaced && this.hedge?.committed;
    if (this.hedge && (moved || code === abnormal)) return;
    this.lost(code, reason);
  }

  private lost(code: number, reason: string): void {
    this.calm();
    this.socket = undefined;
    if (!this.admission) return;
    const closing = this.core.closing(code);
    const plan = next(closing.action, ++this.attempt, Math.random());
    const text = reason || closing.text;
    if (!plan.again || (this.absent && !plan.keepToken)) {
      this.stop({ ...idle, attempt: this.attempt, text, code });
      return;
    }
    if (!plan.keepToken) this.tokenless = true;
    const retryAt = performance.now() + plan.wait;
    this.set({ ...idle, phase: 'retrying', attempt: this.attempt, retryAt, text, code });
    this.timer = window.setTimeout(() => this.back(), plan.wait);
  }

  /** Comes back after a loss. */
  private back(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.set({ ...this.state.peek(), retryAt: 0 });
    if (this.tokenless) void this.enter();
    else this.dial();
  }

  private stop(s: LinkState): void {
    this.end();
    forgetSeat();
    this.set({ ...s, phase: 'stopped' });
  }

  private set(s: LinkState): void {
    this.state.value = s;
  }
}
