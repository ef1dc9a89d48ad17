// What the core orders, done with fake sockets; and what the page is told. The policy itself is tested
// where it lives, in game/netcode.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Core, Entry, LinkOrder } from './core';
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
  frame(text: string): void {
    this.onmessage({ data: new TextEncoder().encode(text).buffer });
  }
  end(code: number, reason = ''): void {
    this.onclose({ code, reason });
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** Gives the orders that a test puts in, and writes down what it is told. */
class FakeCore {
  orders: Partial<LinkOrder>[] = [];
  link: Partial<LinkOrder> = {};
  joined: (Entry & { again: boolean })[] = [];
  told: string[] = [];
  join(_now: number, e: Entry, again: boolean): void {
    this.joined.push({ ...e, again });
  }
  leave = () => this.told.push('leave');
  order = (): LinkOrder => ({
    kind: '',
    about: 0,
    code: 0,
    frame: bytes(''),
    line: 0,
    phase: 0,
    reason: 0,
    tries: 0,
    wait: 0,
    quiet: 0,
    hedged: 0,
    rescued: 0,
    ...this.link,
    ...this.orders.shift(),
  });
  opened = (_now: number, line: number) => bytes(`hello ${line}`);
  receive = (_now: number, line: number, frame: ArrayBuffer) => {
    this.told.push(`${line}: ${new TextDecoder().decode(frame)}`);
    return '';
  };
  ended = (_now: number, line: number, code: number) => this.told.push(`${line} ended ${code}`);
  hurry = () => this.told.push('hurry');
  closing = (code: number) => `closed with ${code}`;
}

const seat = { room: 'arena', token: 'kept', url: '' };
const pass: Pass = { room: 'arena', ticket: 'signed', url: 'wss://two/ws', watch: false };
let core: FakeCore;
let session: Session;
const socket = (n: number) => FakeSocket.all[n];
const phase = () => session.state.value.phase;
const pump = () => session.pump(performance.now());
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('document', { addEventListener: () => {}, hidden: false });
  core = new FakeCore();
  session = new Session(core as unknown as Core, 'ws://home/ws');
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Plays on line 1. */
function play(): void {
  core.orders = [{ kind: 'dial', about: 1 }];
  session.join('Ada', seat, async () => pass);
  socket(0).open();
  core.link = { line: 1, phase: 1 };
  socket(0).frame('snapshot');
}

describe('joining', () => {
  it('asks for a pass and dials where it says', async () => {
    core.orders = [{ kind: 'dial', about: 1 }];
    session.join('Ada', null, async () => pass);
    expect(phase()).toBe('joining');
    await settled();
    expect(core.joined).toEqual([{ name: 'Ada', token: '', ...pass, again: false }]);
    expect(socket(0).url).toBe('wss://two/ws');
    socket(0).open();
    expect(socket(0).sent).toEqual(['hello 1']);
  });

  it('takes a kept seat by its token and asks nobody', () => {
    const ask = vi.fn(async () => pass);
    core.orders = [{ kind: 'dial', about: 1 }];
    session.join('Ada', seat, ask);
    expect(ask).not.toHaveBeenCalled();
    expect(core.joined[0]).toMatchObject({ token: 'kept', ticket: '' });
    expect(socket(0).url).toBe('ws://home/ws');
  });

  it('says in the lobby’s words why there is no seat', async () => {
    session.join('Ada', null, async () => {
      throw new Refused('room_full', 'The room is full.');
    });
    await settled();
    expect(session.state.value).toMatchObject({
      phase: 'stopped',
      refusal: 'room_full',
      text: 'The room is full.',
    });
  });

  it('forgets the answer to a wish that was given up', async () => {
    session.join('Ada', null, async () => pass);
    session.leave();
    await settled();
    expect(core.joined).toHaveLength(0);
    expect(phase()).toBe('off');
  });
});

describe('orders', () => {
  it('are done: a second line, the end of the first, another pass, a frame of the simulator’s', async () => {
    play();
    expect(phase()).toBe('live');
    core.orders = [{ kind: 'dial', about: 2 }];
    pump();
    socket(1).open();
    expect(socket(1).sent).toEqual(['hello 2']);
    socket(1).frame('live');
    expect(core.told.at(-1)).toBe('2: live');

    core.link = { line: 2, phase: 1, hedged: 1, rescued: 1 };
    core.orders = [{ kind: 'drop', about: 1, code: 1000 }];
    pump();
    expect(socket(0).closedWith).toBe(1000);
    session.send(bytes('input'));
    expect(socket(1).sent.at(-1)).toBe('input');
    expect(session.rescued).toBe(1);

    core.orders = [{ kind: 'send', about: 2, frame: bytes('late input') }];
    pump();
    expect(socket(1).sent.at(-1)).toBe('late input');

    core.orders = [{ kind: 'ask' }];
    pump();
    await settled();
    expect(core.joined.at(-1)).toMatchObject({ ticket: 'signed', again: true });
  });

  it('are told of an end, but not of one they asked for', () => {
    play();
    core.orders = [{ kind: 'dial', about: 2 }];
    pump();
    socket(1).end(1006);
    expect(core.told.at(-1)).toBe('2 ended 1006');
    core.orders = [{ kind: 'drop', about: 1, code: 1000 }];
    pump();
    socket(0).end(1000);
    socket(0).frame('too late');
    expect(core.told.at(-1)).toBe('2 ended 1006');
  });
});

describe('the page', () => {
  it('is told why the line was lost and when it is tried again', () => {
    play();
    core.link = { phase: 2, reason: 1012, tries: 1, wait: 800 };
    socket(0).end(1012, 'The server is restarting.');
    const now = performance.now();
    expect(session.state.value).toMatchObject({
      phase: 'retrying',
      attempt: 1,
      retryAt: now + 800,
      text: 'The server is restarting.',
      code: 1012,
    });
    core.link = { ...core.link, tries: 2, wait: 0 };
    pump();
    expect(session.state.value).toMatchObject({ attempt: 2, retryAt: 0 });
    session.hurry();
    expect(core.told.at(-1)).toBe('hurry');
    core.link = { line: 3, phase: 1 };
    pump();
    expect(phase()).toBe('live');
    core.link = { phase: 2, reason: 1006, tries: 1 };
    pump();
    expect(session.state.value.text).toBe('closed with 1006');
  });

  it('stops where the core does', () => {
    play();
    core.link = { phase: 3, reason: 4409 };
    socket(0).end(4409, 'You are playing in another tab.');
    expect(session.state.value).toMatchObject({ phase: 'stopped', code: 4409 });
    expect(core.told.at(-1)).toBe('leave');
    core.orders = [{ kind: 'dial', about: 2 }];
    pump();
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('believes another page of this browser that it has the seat', () => {
    session.yield();
    expect(phase()).toBe('off');
    play();
    session.yield();
    expect(session.state.value).toMatchObject({ phase: 'stopped', code: 4409 });
    expect(socket(0).closedWith).toBe(1000);
  });
});
