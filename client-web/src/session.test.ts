// The life of a connection against fake sockets: what is sent where, and who wins.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Core, Entry } from './core';
import { patience, suspicious } from './hedge';
import { type Pass, Refused } from './link';
import { Session } from './session';

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  closedWith = 0;
  sent: string[] = [];
  onopen = () => {};
  onmessage = (_: { data: unknown }) => {};
  onclose = (_: { code: number; reason: string }) => {};

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(bytes: Uint8Array): void {
    this.sent.push(new TextDecoder().decode(bytes));
  }
  close(code: number): void {
    this.closedWith = code;
  }
  open(): void {
    this.readyState = 1;
    this.onopen();
  }
  frame(text = 'snapshot'): void {
    this.onmessage({ data: new TextEncoder().encode(text).buffer });
  }
  end(code: number, reason = ''): void {
    this.onclose({ code, reason });
  }
}

/** The rival wins with a frame "live". */
class FakeCore {
  joined: Entry[] = [];
  frames: string[] = [];
  join(e: Entry): void {
    this.joined.push(e);
  }
  hello = () => new TextEncoder().encode('hello');
  challenge = () => new TextEncoder().encode('hello with the newest token');
  receive(_now: number, frame: ArrayBuffer): void {
    this.frames.push(new TextDecoder().decode(frame));
  }
  receiveRival(_now: number, frame: ArrayBuffer): boolean {
    return new TextDecoder().decode(frame) === 'live';
  }
  closing = (code: number) => ({
    action: code === 4409 || code === 4403 ? 2 : code === 4410 ? 1 : 0,
    text: `closed with ${code}`,
  });
}

const seat = { room: 'arena', token: 'kept', url: '' };
const pass: Pass = { room: 'arena', ticket: 'signed', url: 'wss://two/ws', watch: false };
let core: FakeCore;
let session: Session;
const socket = (n: number) => FakeSocket.all[n];
const phase = () => session.state.value.phase;
/** Lets time pass as a page does that draws: watching. */
function letPass(ms: number): void {
  for (let t = 0; t < ms; t += 50) {
    vi.advanceTimersByTime(50);
    session.watch(performance.now(), 20);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(1000); // a page is never there at time 0
  FakeSocket.all = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('document', { addEventListener: () => {}, hidden: false });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  core = new FakeCore();
  session = new Session(core as unknown as Core, 'ws://home/ws');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Plays on a first line that then falls silent until the second is dialled. */
function playUntilHedged(): void {
  session.join('Ada', seat, async () => pass);
  socket(0).open();
  socket(0).frame();
  letPass(suspicious(20) + 100);
  expect(FakeSocket.all).toHaveLength(2);
}

describe('joining', () => {
  it('asks for a pass and dials where it says', async () => {
    session.join('Ada', null, async () => pass);
    expect(phase()).toBe('joining');
    await vi.runAllTicks();
    await Promise.resolve();
    expect(core.joined).toEqual([{ name: 'Ada', token: '', ...pass }]);
    expect(socket(0).url).toBe('wss://two/ws');
    socket(0).open();
    expect(socket(0).sent).toEqual(['hello']);
    socket(0).frame();
    expect(phase()).toBe('live');
  });

  it('takes a kept seat by its token and asks nobody', () => {
    const ask = vi.fn(async () => pass);
    session.join('Ada', seat, ask);
    expect(ask).not.toHaveBeenCalled();
    expect(core.joined[0]).toMatchObject({ token: 'kept', ticket: '' });
    expect(socket(0).url).toBe('ws://home/ws');
  });

  it('says in the lobby’s words why there is no seat', async () => {
    session.join('Ada', null, async () => {
      throw new Refused('room_full', 'The room is full.');
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(session.state.value).toMatchObject({
      phase: 'stopped',
      refusal: 'room_full',
      text: 'The room is full.',
    });
  });

  it('forgets the answer to a wish that was given up', async () => {
    session.join('Ada', null, async () => pass);
    session.leave();
    await Promise.resolve();
    await Promise.resolve();
    expect(FakeSocket.all).toHaveLength(0);
    expect(phase()).toBe('off');
  });

  it('asks for another pass when the seat was given away', async () => {
    session.join('Ada', seat, async () => pass);
    socket(0).open();
    socket(0).end(4410);
    expect(phase()).toBe('retrying');
    await vi.advanceTimersByTimeAsync(500);
    expect(core.joined[1]).toMatchObject({ ticket: 'signed', token: '' });
  });
});

describe('a line that falls silent', () => {
  it('is left alone for as long as a lost packet may take', () => {
    expect(suspicious(20)).toBe(700);
    expect(suspicious(300)).toBe(1500);
    session.join('Ada', seat, async () => pass);
    socket(0).open();
    for (let i = 0; i < 100; i++) {
      socket(0).frame();
      letPass(650);
    }
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('is given up for a second one that brings live frames first', () => {
    playUntilHedged();
    expect(phase()).toBe('live');
    socket(1).open();
    expect(socket(1).sent).toEqual(['hello with the newest token']);
    socket(1).frame('welcome');
    expect(socket(0).closedWith).toBe(0);
    socket(1).frame('live');
    expect(socket(0).closedWith).toBe(1000);
    session.send(new TextEncoder().encode('input'));
    expect(socket(1).sent.at(-1)).toBe('input');
    socket(1).frame('later');
    expect(core.frames.at(-1)).toBe('later');
    expect(session.rescued).toBe(1);
  });

  it('wins if it speaks again before the second has said hello', () => {
    playUntilHedged();
    socket(0).frame('awake');
    expect(socket(1).closedWith).toBe(1000);
    socket(1).open();
    expect(socket(1).sent).toEqual([]);
    expect(phase()).toBe('live');
  });

  it('may be closed as replaced by the own second one: that is no takeover', () => {
    playUntilHedged();
    socket(1).open();
    socket(0).end(4409);
    expect(phase()).toBe('live');
    socket(1).frame('live');
    expect(phase()).toBe('live');
    expect(session.rescued).toBe(1);
  });

  it('is followed by third ones while the second is late', () => {
    playUntilHedged();
    letPass(patience(20, 0) + 100);
    expect(FakeSocket.all).toHaveLength(3);
    expect(socket(1).closedWith).toBe(1000);
    socket(2).open();
    socket(2).frame('live');
    expect(session.rescued).toBe(1);
  });

  it('is lost in the end', () => {
    playUntilHedged();
    letPass(3000);
    expect(phase()).toBe('retrying');
  });

  it('is not suspected while the page itself was asleep', () => {
    session.join('Ada', seat, async () => pass);
    socket(0).open();
    socket(0).frame();
    session.watch(performance.now(), 20);
    vi.advanceTimersByTime(20_000);
    session.watch(performance.now(), 20);
    letPass(500);
    expect(FakeSocket.all).toHaveLength(1);
    expect(phase()).toBe('live');
  });
});

describe('a page that nobody was at', () => {
  /** Plays, sleeps for that long and finds the line lost and the token unknown. */
  async function sleepFor(ms: number): Promise<void> {
    session.join('Ada', seat, async () => pass);
    socket(0).open();
    socket(0).frame();
    letPass(100);
    vi.advanceTimersByTime(ms);
    session.watch(performance.now(), 20);
    socket(0).end(1006);
    await vi.advanceTimersByTimeAsync(500);
    socket(1).open();
    socket(1).end(4410);
    await vi.advanceTimersByTimeAsync(1000);
  }

  it('does not take a seat by itself that may be in use elsewhere', async () => {
    await sleepFor(60_000);
    expect(phase()).toBe('stopped');
  });

  it('does so after a short absence', async () => {
    await sleepFor(2000);
    expect(core.joined.at(-1)).toMatchObject({ ticket: 'signed' });
  });
});

describe('a takeover', () => {
  it('is believed when another page of this browser says so', () => {
    session.yield();
    expect(phase()).toBe('off');
    session.join('Ada', seat, async () => pass);
    socket(0).open();
    socket(0).frame();
    session.yield();
    expect(session.state.value).toMatchObject({ phase: 'stopped', code: 4409 });
    expect(socket(0).closedWith).toBe(1000);
  });

  it('is told and not fought, also while a second line is only dialling', () => {
    playUntilHedged();
    socket(0).end(4409, 'You are playing in another tab.');
    expect(session.state.value).toMatchObject({ phase: 'stopped', code: 4409 });
    expect(socket(1).closedWith).toBe(1000);
    letPass(20_000);
    expect(FakeSocket.all).toHaveLength(2);
  });
});
