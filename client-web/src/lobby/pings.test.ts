import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { healthURL, Pings } from './pings';

const origin = 'https://play.example';
const near = 'wss://near.example/ws';
const far = 'wss://far.example/ws';

/** How long each request to a server takes, in turn; the last goes for all that follow. */
let delays: Record<string, number[]>;
let asked: { url: string; init: RequestInit }[];
let answer: () => Response;

/** Answers after the delay, if at all: null is an address where nobody is, Infinity one that is silent. */
function fakeFetch(url: URL, init: RequestInit): Promise<Response> {
  asked.push({ url: url.href, init });
  const left = delays[url.host] ?? [];
  const ms = (left.length > 1 ? left.shift() : left[0]) ?? -1;
  return new Promise((resolve, reject) => {
    init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    if (ms < 0) reject(new TypeError('Failed to fetch'));
    else if (ms < Infinity) setTimeout(() => resolve(answer()), ms);
  });
}

beforeEach(() => {
  delays = { 'near.example': [90, 23.4], 'far.example': [400, 180], 'play.example': [0.1] };
  asked = [];
  answer = () => new Response('ok\n');
  vi.useFakeTimers();
  vi.stubGlobal('fetch', fakeFetch);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the address to measure by', () => {
  it.each([
    ['', 'https://play.example/healthz'],
    ['wss://eu1.example/ws', 'https://eu1.example/healthz'],
    ['ws://10.0.0.7:8080/ws', 'http://10.0.0.7:8080/healthz'],
    ['wss://play.example/eu1/ws?x=1', 'https://play.example/eu1/healthz'],
  ])('of %j is %s', (socket, want) => {
    expect(healthURL(socket, origin).href).toBe(want);
  });
});

describe('pings', () => {
  it('are the second round trip to each server', async () => {
    const pings = new Pings(() => origin);
    const end = pings.watch([near, far, '']);
    await vi.advanceTimersByTimeAsync(200);
    expect([...pings.times.value.keys()].sort()).toEqual(['', near]);
    await vi.advanceTimersByTimeAsync(800);
    expect(pings.times.value.get(near)).toBe(23);
    expect(pings.times.value.get(far)).toBe(180);
    expect(pings.times.value.get('')).toBe(1); // never 0
    expect(asked).toHaveLength(6);
    end();
  });

  it('ask past every cache, and other origins without CORS', () => {
    const end = new Pings(() => origin).watch([near, '']);
    expect(asked.map((a) => [a.url, a.init.mode, a.init.cache])).toEqual([
      ['https://near.example/healthz', 'no-cors', 'no-store'],
      ['https://play.example/healthz', 'same-origin', 'no-store'],
    ]);
    end();
  });

  it('are measured again every 10 s, until nobody looks', async () => {
    delays['near.example'] = [90, 20, 40, 60];
    const pings = new Pings(() => origin);
    const end = pings.watch([near]);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(pings.times.value.get(near)).toBe(20);
    await vi.advanceTimersByTimeAsync(200);
    expect(pings.times.value.get(near)).toBe(60);
    await vi.advanceTimersByTimeAsync(9_830); // in the middle of the third round
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(5);
    expect(asked[4].init.signal?.aborted).toBe(true);
  });

  it('are unknown where nobody answers, or something else does', async () => {
    delays['far.example'] = [Infinity];
    const pings = new Pings(() => origin);
    const end = pings.watch([far, 'wss://nowhere.example/ws', 'no address']);
    await vi.advanceTimersByTimeAsync(25_000);
    answer = () => new Response('Bad gateway', { status: 502 });
    const endOwn = pings.watch(['']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(pings.times.value.size).toBe(0);
    expect(asked.filter((a) => a.url.includes('far.example')).map((a) => a.init.signal?.aborted)).toEqual([
      true,
      true,
      false,
    ]);
    end();
    endOwn();
  });

  it('stand while a server does not answer', async () => {
    const pings = new Pings(() => origin);
    const end = pings.watch([near]);
    await vi.advanceTimersByTimeAsync(1_000);
    delays['near.example'] = [];
    await vi.advanceTimersByTimeAsync(30_000);
    expect(pings.times.value.get(near)).toBe(23);
    end();
  });
});
