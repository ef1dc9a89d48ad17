// When the line has gone silent, a second one is tried while the first is kept: TCP may take seconds
// to find out that a path is gone or back, a new connection finds out at once. The first of the two
// to bring live frames wins. See also the doc of session.ts.

import type { Core } from './core';
import { Socket } from './socket';

/** The least silence that is worth a second connection, and the least time for it to open. */
const silenceMs = 700;
const dialMs = 500;
/** A connection that has said hello is waited for that much longer than one that is dialling. */
const answerTimes = 3;

/**
 * How much silence at this round trip, in milliseconds, is more than one lost packet explains: with
 * TCP's RACK a loss stalls the line for a round trip and a quarter, and four of those are no chance.
 */
export const suspicious = (rtt: number): number => Math.max(silenceMs, 4 * (rtt + Math.max(17, rtt / 4)));

/** How long the n-th second connection (0 for the first) may take to open at this round trip. */
export const patience = (rtt: number, n: number): number => Math.max(dialMs, 5 * rtt) * 1.5 ** n;

export interface HedgeOwner {
  /** The second connection brings live frames and is the only one from now on. */
  won(socket: Socket): void;
  /** It ended first. */
  failed(code: number, reason: string): void;
}

/** One second connection. */
export class Hedge {
  /** Hello is said: the server may have moved the seat to this connection. */
  committed = false;
  private readonly socket: Socket;

  constructor(
    core: Core,
    url: string,
    private readonly startedAt: number,
    private readonly patienceMs: number,
    owner: HedgeOwner,
  ) {
    this.socket = new Socket(url, patienceMs, {
      opened: () => {
        this.committed = true;
        this.socket.send(core.challenge(performance.now()));
      },
      frame: (bytes) => {
        try {
          if (core.receiveRival(performance.now(), bytes)) owner.won(this.socket);
        } catch (problem) {
          console.warn('hindsight:', problem);
          this.drop(4400);
          owner.failed(4400, '');
        }
      },
      ended: (code, reason) => owner.failed(code, reason),
    });
  }

  /** Whether it has had its time. */
  late(now: number): boolean {
    return now - this.startedAt > this.patienceMs * (this.committed ? answerTimes : 1);
  }

  drop(code = 1000): void {
    this.socket.drop(code);
  }
}
