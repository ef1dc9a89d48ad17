import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Refused } from '../link';
import { Api, type Method } from './api';
import { Identity } from './identity';

const store = new Map<string, string>();
const hour = 3_600_000;

/** A server that knows these devices and counts what it is asked. */
class FakeApi extends Api {
  asked: string[] = [];
  devices = new Map<string, string>();
  private made = 0;

  override async open(method: Method, path: string, body?: unknown): Promise<unknown> {
    this.asked.push(`${method} ${path}`);
    const { device = '', name = '' } = body as Record<string, string>;
    if (path === 'guests') {
      const fresh = `device-${++this.made}`;
      this.devices.set(fresh, name);
      return this.answer(fresh, name, fresh);
    }
    const known = this.devices.get(device);
    if (known === undefined) throw new Refused('unknown_device', 'This device is not signed in.');
    return this.answer(device, known);
  }

  private answer(device: string, name: string, shown?: string) {
    const expires = new Date(Date.now() + hour).toISOString();
    return {
      device: shown,
      session: `session of ${device}`,
      expires,
      player: { id: device, name, tag: 7, guest: true },
    };
  }
}

beforeEach(() => {
  store.clear();
  vi.stubGlobal('localStorage', {
    getItem: (k: string) => store.get(k) ?? null,
    setItem: (k: string, v: string) => store.set(k, v),
    removeItem: (k: string) => store.delete(k),
  });
});

describe('who this page is', () => {
  it('is a guest made once, however many ask at the same time', async () => {
    const api = new FakeApi();
    const who = new Identity(api, () => 'Ada');
    expect(await Promise.all([who.session(false), who.session(false)])).toEqual([
      'session of device-1',
      'session of device-1',
    ]);
    await who.session(false);
    expect(api.asked).toEqual(['POST guests']);
    expect(who.me.value?.name).toBe('Ada');
  });

  it('is the same player on the next visit', async () => {
    const api = new FakeApi();
    await new Identity(api, () => 'Ada').session(false);
    const again = new Identity(api, () => 'Bob');
    await again.session(false);
    expect(again.me.value?.name).toBe('Ada');
    expect(api.asked).toEqual(['POST guests', 'POST sessions']);
  });

  it('renews a session that was refused or is about to end', async () => {
    const api = new FakeApi();
    const who = new Identity(api, () => 'Ada');
    await who.session(false);
    await who.session(true);
    vi.setSystemTime(Date.now() + hour - 30_000);
    await who.session(false);
    vi.useRealTimers();
    expect(api.asked).toEqual(['POST guests', 'POST sessions', 'POST sessions']);
  });

  it('is a new guest where the server has forgotten the device', async () => {
    const api = new FakeApi();
    store.set('hindsight.device', 'from another database');
    const who = new Identity(api, () => 'Ada');
    await who.session(false);
    expect(api.asked).toEqual(['POST sessions', 'POST guests']);
    expect(store.get('hindsight.device')).toBe('device-1');
  });
});
