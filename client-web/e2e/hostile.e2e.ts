// Strangers who write markup and code wherever others read it. First the page alone is handed all of it
// raw, with its policy switched off: nothing runs because nothing is taken for markup. Then the same by way
// of the real server, with everything on.

import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './browser';
import { Guard, injected } from './guard';
import { hostile, hostileLines, hostileNames } from './hostile';
import { inside, lobbyPage, open, until } from './player';
import { freePort, startServer, type TestServer } from './server';

let server: TestServer;
let admin: URL;
let browser: Browser;

beforeAll(async () => {
  admin = new URL(`http://127.0.0.1:${await freePort()}/`);
  const match = 'time=10;warmup=1;score=0;mode=ffa;maps=pit';
  [server, browser] = await Promise.all([
    startServer('--admin-addr', admin.host, '--bots', '8', '--set', match, '--limit', 'chats=1000'),
    launch(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  server?.stop();
});

/** A browser of its own under guard; `raw` without the page's policy. */
async function guarded(raw: boolean): Promise<{ context: BrowserContext; guard: Guard; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, bypassCSP: raw });
  const guard = await Guard.over(context);
  return { context, guard, page: await context.newPage() };
}

/** Nothing ran, and nothing was made that could. */
async function unharmed({ guard, page }: { guard: Guard; page: Page }): Promise<void> {
  expect(await injected(page)).toEqual([]);
  expect(guard.alarms).toEqual([]);
}

/** Waits until the page shows all of these, as they are, at the beginning of such elements. */
async function shows(page: Page, selector: string, texts: readonly string[]): Promise<void> {
  const missing = async () => {
    const shown = await page.$$eval(selector, (all) => all.map((e) => e.firstChild?.textContent));
    return texts.filter((t) => !shown.includes(t));
  };
  await expect.poll(missing, { timeout: 10_000 }).toEqual([]);
}

/** No name in a match is longer; see protocol.MaxNameBytes. */
const longestName = 64;
const everything = hostileLines.join(' ');

describe('the guard', () => {
  it('hears of a script that runs', async () => {
    const { context, guard, page } = await guarded(true);
    await page.goto(server.url.href);
    await page.evaluate((markup) => document.body.insertAdjacentHTML('beforeend', markup), hostileLines[3]);
    await expect.poll(() => guard.alarms).toContain('fired: img');
    expect(await injected(page)).not.toEqual([]);
    await context.close();
  });
});

/** A lobby in which everything is called what strangers would call it. */
function answer(route: Route): Promise<void> {
  const path = new URL(route.request().url()).pathname.slice('/api/v1/'.length);
  const rows = <T>(row: (text: string, i: number) => T) => hostile.map(row);
  const player = { id: 'me', name: hostile[0], tag: 1, guest: true };
  const mode = hostile[1];
  const members = [player, ...rows((name, i) => ({ id: `m${i}`, name, tag: i }))];
  const answers: Record<string, unknown> = {
    guests: { device: 'd', session: 's', expires: '2100-01-01T00:00:00Z', player },
    games: {
      games: [{ name: 'arena', maxPlayers: 8, modes: rows((t) => ({ name: t, title: t })), maps: hostile }],
    },
    rooms: {
      rooms: rows((t, i) => ({ id: `r${i}`, game: t, name: t, title: t, mode: t, map: t, maxPlayers: 8 })),
    },
    'parties/mine': { id: 'p', code: everything, rev: 1, leader: 'm0', members },
    leaderboards: { rows: rows((name, i) => ({ place: i, player: `m${i}`, name, tag: 1, rating: 1 })) },
    'players/me/ratings': { ratings: rows((t) => ({ mode: t, rating: 1, matches: 1, wins: 1 })) },
    'players/me/matches': {
      matches: rows((t, i) => ({ id: `g${i}`, mode, map: t, ended: '2026-01-01T00:00:00Z', replay: t })),
    },
    replays: { replays: rows((t, i) => ({ id: t, room: `r${i}`, title: t, people: [t], lengthSec: 60 })) },
  };
  const body = Object.hasOwn(answers, path) ? answers[path] : undefined;
  if (body !== undefined) return route.fulfill({ json: body });
  if (path === 'events') {
    const said = rows((t) => ({ to: 'lobby', from: 'm1', name: t, text: t, at: '2026-01-01T00:00:00Z' }));
    const stream = said.map((line) => `event: chat\ndata: ${JSON.stringify(line)}\n\n`).join('');
    return route.fulfill({ contentType: 'text/event-stream', body: stream });
  }
  return route.fulfill({ status: 400, json: { error: { code: 'no', text: everything } } });
}

/** Has the core hand over other texts than it was sent: it would not let all of these pass. */
async function swapped(): Promise<Awaited<ReturnType<typeof guarded>>> {
  const visit = await guarded(true);
  await visit.context.addInitScript(() => {
    const swaps = new Map<string, string>();
    const decode = TextDecoder.prototype.decode;
    TextDecoder.prototype.decode = function (...of) {
      const text = decode.apply(this, of);
      return swaps.get(text) ?? text;
    };
    Object.assign(window, { swaps });
  });
  return visit;
}
const swap = (page: Page, pairs: [string, string][]) =>
  page.evaluate((all) => {
    const { swaps } = window as unknown as { swaps: Map<string, string> };
    for (const [from, to] of all) swaps.set(from, to);
  }, pairs);
/** Who plays in the arena. */
let cast: string[];

describe('the page alone', () => {
  it('shows the lobby as text', async () => {
    const visit = await guarded(true);
    const { page } = visit;
    await page.route('**/api/v1/**', answer);
    await open(page, server.url, { room: everything });
    await shows(page, '.card .hint b', [everything]);
    await page.waitForSelector('.lobby');
    await shows(page, '.roomRow .roomWhat b', hostile);
    await shows(page, '.filters option', hostile);
    await lobbyPage(page, 'chat');
    await shows(page, '.lines li b', hostile);
    const lines = await page.locator('.lines li > span').allTextContents();
    for (const t of hostile) expect(lines).toContain(`${t} ${t}`);
    await lobbyPage(page, 'match');
    await lobbyPage(page, 'party');
    await shows(page, '.people .who', hostile);
    await page.click('label:has-text("I am ready") input');
    await shows(page, '.lobbyPage [role=alert]', [everything]);
    await lobbyPage(page, 'ranks');
    await shows(page, '.table .who', hostile);
    await lobbyPage(page, 'profile');
    await shows(page, '.lobbyPage [role=status] b', [hostile[0]]);
    await page.waitForSelector('.table .who');
    await page.click('#tab-rooms');
    await page.click('button:has-text("New room")');
    await page.waitForSelector('dialog[aria-label="New room"]');
    await unharmed(visit);
    await visit.context.close();
  });

  it('shows the replays as text', async () => {
    const visit = await guarded(true);
    const { page } = visit;
    await page.route('**/api/v1/**', answer);
    await page.goto(new URL('/replay', server.url).href);
    await shows(page, '.replayList .roomWhat b', hostile);
    await shows(page, '.replayList .roomWhat small', hostile);
    const file = {
      name: `${hostileLines[3]}.replay`,
      mimeType: 'text/html',
      buffer: Buffer.from(everything),
    };
    await page.setInputFiles('input[type=file]', file);
    await page.waitForSelector('.notice');
    await unharmed(visit);
    await page.goto(new URL(`/replay/${encodeURIComponent(everything)}`, server.url).href);
    await shows(page, '.notice', [everything]);
    await unharmed(visit);
    await visit.context.close();
  });

  it('shows the players and the chat of a match as text', async () => {
    const visit = await swapped();
    const { page } = visit;
    await open(page, server.url);
    await page.click('#play');
    await until(page, inside);
    await page.keyboard.down('Tab');
    cast = await page.$$eval('.board .who', (all) => all.map((e) => e.textContent ?? ''));
    await page.keyboard.up('Tab');
    expect(cast.length).toBeGreaterThan(4);
    for (let i = 0; i < hostile.length; i += cast.length) {
      const texts = hostile.slice(i, i + cast.length);
      const named = texts.map((text, k): [string, string] => [cast[k], text.slice(0, longestName)]);
      await swap(page, [...named, [`line ${i}`, texts.join(' ')]]);
      await page.keyboard.press('Enter');
      await page.keyboard.insertText(`line ${i}`);
      await page.keyboard.press('Enter');
      await expect
        .poll(() => page.$$eval('.chatLines li', (all) => all.map((e) => e.lastChild?.textContent)))
        .toContain(texts.join(' '));
      await page.keyboard.down('Tab'); // talking lets go of all keys
      await shows(
        page,
        '.board .who',
        named.map(([, name]) => name),
      );
      await page.keyboard.up('Tab');
    }
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog[aria-label=Menu]');
    await unharmed(visit);
    await visit.context.close();
  });
});

interface Guest {
  session: string;
  player: { id: string; name: string };
}

async function ask<T>(method: string, path: string, body: unknown, who?: Guest): Promise<T> {
  const response = await fetch(new URL(`/api/v1/${path}`, server.url), {
    method,
    headers: { 'Content-Type': 'application/json', ...(who && { Authorization: `Bearer ${who.session}` }) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** A guest of that name, or of another if the lobby takes only letters. */
const guest = (name: string, i: number): Promise<Guest> =>
  ask<Guest>('POST', 'guests', { name }).catch(() => ask('POST', 'guests', { name: `Mallory ${i}` }));

describe('by way of the server', () => {
  it('what strangers write in the lobby is read and not run', async () => {
    const visit = await guarded(false);
    const { page } = visit;
    await open(page, server.url);
    await lobbyPage(page, 'party');
    await page.click('button:has-text("Make a party")');
    const code = (await page.textContent('.partyCode b')) ?? '';
    const guests = await Promise.all(hostileNames.map(guest));
    const said: string[] = [];
    for (const [i, text] of hostileLines.entries()) {
      await ask('POST', 'chat', { to: 'lobby', text }, guests[i]);
      said.push(`${guests[i].player.name} ${text}`);
    }
    const rooms: string[] = [];
    for (const [i, name] of hostileNames.slice(0, 8).entries()) {
      const room = { game: 'arena', bots: 0, maxPlayers: 2, name };
      rooms.push((await ask<{ name: string }>('POST', 'rooms', room, guests[i])).name);
    }
    const friends = guests.filter((g) => /^[a-z_]+$/i.test(g.player.name)).slice(0, 3);
    for (const g of friends) await ask('POST', 'parties/join', { code }, g);
    await shows(
      page,
      '.people .who',
      friends.map((g) => g.player.name),
    );
    await lobbyPage(page, 'chat');
    await expect
      .poll(() => page.locator('.lines li > span').allTextContents())
      .toEqual(expect.arrayContaining(said));
    await lobbyPage(page, 'rooms');
    expect(rooms).toEqual(hostileNames.slice(0, 8));
    await shows(page, '.roomRow .roomWhat b', rooms);
    await unharmed(visit);
    await visit.context.close();
  });

  it('what strangers are called and say in a match is read and not run', async () => {
    const [visit, eve] = await Promise.all([guarded(false), guarded(false)]);
    await open(visit.page, server.url);
    await visit.page.click('#play');
    const { room } = await until(visit.page, inside);
    // Who walks in past the lobby may be called anything.
    await eve.page.route('**/api/**', (route) => route.abort());
    await open(eve.page, server.url, { room });
    await eve.page.fill('.card .textInput', hostileNames[0]);
    await eve.page.click('#play');
    await until(eve.page, inside);
    await eve.page.keyboard.press('Enter');
    await eve.page.keyboard.insertText(hostileLines[3]);
    await eve.page.keyboard.press('Enter');
    await visit.page.waitForFunction(
      (text) =>
        [...document.querySelectorAll('.chatLines li')].some((e) => e.lastChild?.textContent === text),
      hostileLines[3],
    );
    await visit.page.keyboard.down('Tab');
    await shows(visit.page, '.board .who', [hostileNames[0]]);
    await unharmed(visit);
    await unharmed(eve);
    await Promise.all([visit.context.close(), eve.context.close()]);
  });

  it('the host’s own pages stay text', async () => {
    const visit = await guarded(false);
    const { page } = visit;
    for (const path of ['', 'metrics', 'debug/pprof/', 'debug/pprof/goroutine?debug=1']) {
      expect((await page.goto(new URL(path, admin).href))?.status()).toBe(200);
      expect(await page.locator('script, img, iframe').count()).toBe(0);
    }
    await page.goto(new URL(`debug/pprof/${encodeURIComponent(hostileLines[3])}`, admin).href);
    expect(await page.locator('script, img, iframe').count()).toBe(0);
    expect(visit.guard.alarms).toEqual([]);
    await visit.context.close();
  });
});

describe('the page alone, of a recorded match', () => {
  it('shows the players and the title of a recorded match as text', async () => {
    const listed = async (): Promise<{ id: string; title: string }[]> =>
      (await (await fetch(new URL('/api/v1/replays', server.url))).json()).replays;
    await expect.poll(async () => (await listed()).length, { timeout: 60_000 }).toBeGreaterThan(0);
    const [replay] = await listed();
    const visit = await swapped();
    const { page } = visit;
    const names = [replay.title, ...cast].map((name, i): [string, string] => [name, hostileLines[i]]);
    await visit.context.addInitScript((all) => {
      const { swaps } = window as unknown as { swaps: Map<string, string> };
      for (const [from, to] of all) swaps.set(from, to);
    }, names);
    await page.goto(new URL(`/replay/${replay.id}?renderer=canvas`, server.url).href);
    await page.waitForFunction(() => window.hindsightReplay);
    await expect.poll(() => page.title()).toBe(`${hostileLines[0]} · Hindsight`);
    const shown = () => page.locator('.replayPlayers .who').allTextContents();
    await expect
      .poll(async () => (await shown()).filter((n) => hostileLines.includes(n)).length)
      .toBeGreaterThan(0);
    await unharmed(visit);
    await visit.context.close();
  });
});
