// The connection as the player lives through it: joining, playing, losing the line, finding back,
// being refused. It owns the socket and feeds the core; what the frames mean is the core's business.

import { signal } from '@preact/signals';
import { next } from './backoff';
import type { Core } from './core';
import { abnormal, Socket } from './socket';

export type Phase =
  /** No connection is wanted. */
  | 'off'
  /** Dialling for the first time. */
  | 'joining'
  | 'live'
  /** Lost; the next try comes at `retryAt`, or is under way if that is past. */
  | 'retrying'
  /** Refused or given up; `text` says why and the player decides. */
  | 'stopped';

export interface LinkState {
  phase: Phase;
  /** Tries in a row since the line was lost. */
  attempt: number;
  /** performance.now() of the next try. */
  retryAt: number;
  /** A sentence for the player. */
  text: string;
  code: number;
}

/** After this long without a frame the line is taken for dead and a new one is dialled. */
const silenceMs = 3000;
/** A connection that lasted this long was a good one: the back-off begins anew. */
const settledMs = 5000;

const seatKey = 'hindsight.seat';
const idle: LinkState = { phase: 'off', attempt: 0, retryAt: 0, text: '', code: 0 };

export class Session {
  readonly state = signal<LinkState>(idle);
  /** performance.now() of the last frame received, 0 before the first of a connection. */
  heardAt = 0;
  private socket: Socket | undefined;
  private timer = 0;
  private attempt = 0;
  private openedAt = 0;
  private fresh = false;
  private joined = false;

  constructor(
    private readonly core: Core,
    private readonly url: string,
  ) {
    addEventListener('online', () => this.hurry());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.hurry();
    });
  }

  /** Joins a room, "" for the best one. A page that was reloaded takes its seat again. */
  join(name: string, room: string): void {
    const seat = takeSeat(room);
    this.core.join(name, seat.room, seat.token);
    this.attempt = 0;
    this.fresh = false;
    this.joined = true;
    this.set({ ...idle, phase: 'joining' });
    this.dial();
  }

  leave(): void {
    this.joined = false;
    clearTimeout(this.timer);
    this.socket?.drop();
    this.socket = undefined;
    forgetSeat();
    this.set(idle);
  }

  /** Tries again at once instead of when the back-off says. */
  hurry(): void {
    if (this.state.peek().phase !== 'retrying' || this.socket) return;
    clearTimeout(this.timer);
    this.dial();
  }

  send(frame: Uint8Array): void {
    this.socket?.send(frame);
  }

  get backlog(): number {
    return this.socket?.backlog ?? 0;
  }

  /** To be called often: notices that the line has gone silent. */
  watch(now: number): void {
    if (this.state.peek().phase !== 'live' || this.heardAt === 0 || now - this.heardAt < silenceMs) return;
    this.socket?.drop();
    this.lost(abnormal, '');
  }

  private dial(): void {
    this.heardAt = 0;
    this.openedAt = 0;
    if (this.state.peek().phase === 'retrying') this.set({ ...this.state.peek(), retryAt: 0 });
    this.socket = new Socket(this.url, {
      opened: () => {
        this.openedAt = performance.now();
        this.send(this.core.hello(this.openedAt, this.fresh));
        this.fresh = false;
      },
      frame: (bytes) => this.receive(bytes),
      ended: (code, reason) => this.lost(code, reason),
    });
  }

  private receive(bytes: ArrayBuffer): void {
    const now = performance.now();
    try {
      this.core.receive(now, bytes);
    } catch (problem) {
      // Out of step with the server: a new connection begins with a full picture.
      console.warn('hindsight:', problem);
      this.socket?.drop(4400);
      this.lost(abnormal, '');
      return;
    }
    this.heardAt = now;
    if (this.state.peek().phase !== 'live') this.set({ ...idle, phase: 'live' });
    if (now - this.openedAt > settledMs) this.attempt = 0;
  }

  private lost(code: number, reason: string): void {
    this.socket = undefined;
    if (!this.joined) return;
    const closing = this.core.closing(code);
    const plan = next(closing.action, ++this.attempt, Math.random());
    const text = reason || closing.text;
    if (!plan.again) {
      this.joined = false;
      forgetSeat();
      this.set({ phase: 'stopped', attempt: this.attempt, retryAt: 0, text, code });
      return;
    }
    if (!plan.keepToken) this.fresh = true;
    this.set({
      phase: 'retrying',
      attempt: this.attempt,
      retryAt: performance.now() + plan.wait,
      text,
      code,
    });
    this.timer = window.setTimeout(() => this.dial(), plan.wait);
  }

  private set(s: LinkState): void {
    this.state.value = s;
  }
}

/** Keeps the seat over a reload of this tab. */
export function keepSeat(room: string, token: string): void {
  try {
    sessionStorage.setItem(seatKey, JSON.stringify([room, token]));
  } catch {
    // Storage is off: a reload joins anew.
  }
}

function forgetSeat(): void {
  try {
    sessionStorage.removeItem(seatKey);
  } catch {
    // Nothing was kept.
  }
}

/** The kept seat, if it is in the wanted room; else no seat in that room. It is good for one use. */
function takeSeat(room: string): { room: string; token: string } {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(seatKey) ?? 'null');
    forgetSeat();
    if (Array.isArray(kept) && (room === '' || kept[0] === room)) {
      return { room: String(kept[0]), token: String(kept[1]) };
    }
  } catch {
    // Nothing was kept, or something else.
  }
  return { room, token: '' };
}
