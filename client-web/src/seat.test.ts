import { beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetSeat, keepSeat, keptSeat, stampSeat } from './seat';

const store = new Map<string, string>();
const seat = { room: 'arena', token: 'good for one use', url: '' };

beforeEach(() => {
  store.clear();
  vi.stubGlobal('sessionStorage', {
    getItem: (k: string) => store.get(k) ?? null,
    setItem: (k: string, v: string) => store.set(k, v),
    removeItem: (k: string) => store.delete(k),
  });
});

describe('the kept seat', () => {
  it('is found in its room, and where any will do', () => {
    keepSeat(seat);
    expect(keptSeat('arena')).toMatchObject(seat);
    expect(keptSeat('')).toMatchObject(seat);
    expect(keptSeat('another')).toBeNull();
    forgetSeat();
    expect(keptSeat('')).toBeNull();
  });

  it('is not asked for when it must have been given away', () => {
    keepSeat(seat);
    expect(keptSeat('', Date.now() + 59_000)).not.toBeNull();
    expect(keptSeat('', Date.now() + 61_000)).toBeNull();
  });

  it('is as old as the page’s last moment, not its first', () => {
    vi.useFakeTimers();
    keepSeat(seat);
    vi.advanceTimersByTime(10 * 60_000);
    stampSeat();
    expect(keptSeat('')).not.toBeNull();
    vi.useRealTimers();
  });

  it.each([
    '',
    'null',
    '7',
    '[]',
    '{"room":3}',
    '{"room":"a","token":""',
    '{"room":"a","token":"","url":""}',
  ])('is none if %j was kept', (kept) => {
    store.set('hindsight.seat', kept);
    expect(keptSeat('')).toBeNull();
  });

  it('is none where storage is off', () => {
    vi.stubGlobal('sessionStorage', undefined);
    keepSeat(seat);
    stampSeat();
    expect(keptSeat('')).toBeNull();
  });
});
