// A short match on a real server, recorded, and watched again: from the final scoreboard, from the list,
// from a file; on a desktop and on a phone.

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReplayFacts } from '../src/replay/hooks';
import { complaints, launch } from './browser';
import { inside, lobbyPage, open, shot, until } from './player';
import { reachable, unlabelled, widerThanWindow } from './reach';
import { startServer, type TestServer } from './server';

const tickRate = 60;

let server: TestServer;
let browser: Browser;
/** The address of a match's replay, and its file. */
let address: string;
let file: string;
const problems: string[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([
    startServer('--set', 'time=10;warmup=2;score=0;mode=ffa;maps=pit', '--bot-skill', '5'),
    launch(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  server?.stop();
});

const at = (path: string) => {
  const url = new URL(path, server.url);
  url.searchParams.set('renderer', 'canvas');
  return url.href;
};

async function visitor(options: Parameters<Browser['newContext']>[0]): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  complaints(page, problems);
  return page;
}
const desktop = () => visitor({ viewport: { width: 1280, height: 800 } });
const phone = () =>
  visitor({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });

/** Waits for a condition on what the replay page says. */
async function see(page: Page, condition: (f: ReplayFacts) => boolean): Promise<ReplayFacts> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const f = await page.evaluate(() => window.hindsightReplay);
    if (f && condition(f)) return f;
    if (Date.now() > deadline) {
      throw new Error(`waited in vain for ${condition}; last: ${JSON.stringify(f)}`);
    }
    await page.waitForTimeout(50);
  }
}
const still = (f: ReplayFacts) => f.open && !f.seeking;

async function watch(page: Page): Promise<ReplayFacts> {
  await page.goto(at(address));
  return see(page, (f) => f.open && f.tick > 1 && f.players.length > 0);
}

/** What is drawn while the replay stands: everyone's places. */
const scene = (f: ReplayFacts) => JSON.stringify(f.players);

describe('a match that was played', () => {
  it('is on the list when the next one begins, and can be watched', async () => {
    const page = await desktop();
    await open(page, server.url);
    await page.click('#play');
    await until(page, (f) => inside(f) && f.alive);
    const listed = () => page.evaluate(() => fetch('/api/v1/replays').then((r) => r.text()));
    while (!(await listed()).includes('lengthSec')) await page.waitForTimeout(500);

    const list = await desktop();
    await list.goto(server.url.href);
    await list.click('a:has-text("Replays")');
    await list.waitForSelector('.replayList .roomRow');
    await shot(list, '50-replays');
    expect(await list.textContent('.replayList .roomRow')).toContain('free-for-all');
    expect(await unlabelled(list)).toEqual([]);
    expect(await reachable(list)).toEqual([]);
    await list.click('.replayList .roomRow');
    const f = await see(list, (x) => x.open && x.players.length > 0);
    expect(f.length).toBeGreaterThan(12 * tickRate);
    address = new URL(list.url()).pathname;
    expect(address).toMatch(/^\/replay\/[\w-]{36}$/);
    file = join(tmpdir(), `hindsight-e2e-${process.pid}.replay`);
    const bytes = await fetch(new URL(`/api/v1/replays/${address.split('/')[2]}`, server.url));
    writeFileSync(file, new Uint8Array(await bytes.arrayBuffer()));
    await list.context().close();

    // The next one is offered at its own end, in a tab that waits until it is whole.
    const offer = '.board a:has-text("Watch this match")';
    await page.waitForSelector(offer, { timeout: 60_000 });
    const [again] = await Promise.all([page.context().waitForEvent('page'), page.click(offer)]);
    await shot(page, '57-watch-this-match');
    complaints(again, problems);
    await see(again, (x) => x.open && x.players.length > 0);
    expect(new URL(again.url()).pathname).not.toBe(address);
    await again.close();

    // And those who played find it in their history.
    await page.keyboard.press('Escape');
    await page.click('text=Leave the game');
    await page.waitForSelector('#play:enabled');
    await lobbyPage(page, 'profile');
    await page.waitForSelector(`.lobbyPage a[href="${address}"]`);
    await shot(page, '58-history');
    await page.context().close();
  }, 180_000); // two matches long
});

describe('a replay', () => {
  let page: Page;
  beforeAll(async () => {
    page = await desktop();
    await watch(page);
  });

  it('plays, pauses and goes at another speed', async () => {
    const before = await see(page, (f) => f.playing);
    await see(page, (f) => f.tick > before.tick + 10);
    await page.keyboard.press('Space');
    const paused = await see(page, (f) => !f.playing);
    await page.waitForTimeout(300);
    expect((await see(page, still)).tick).toBe(paused.tick);
    await page.keyboard.press('Period');
    await see(page, (f) => still(f) && f.tick === paused.tick + 1);
    await page.selectOption('[aria-label=Speed]', '0.25');
    await page.click('[aria-label=Play]');
    expect((await see(page, (f) => f.tick > paused.tick + 10)).speed).toBe(0.25);
    await page.keyboard.press('BracketRight');
    await see(page, (f) => f.speed === 0.5);
    await page.selectOption('[aria-label=Speed]', '1');
  });

  it('goes anywhere, and shows the same there every time', async () => {
    await page.click('[aria-label=Pause]');
    const to = async (tick: number) => {
      await page.locator('.seek input').fill(String(tick));
      return see(page, (f) => still(f) && f.tick === tick);
    };
    const middle = await to(7 * tickRate);
    const late = await to(10 * tickRate);
    expect(scene(late)).not.toBe(scene(middle));
    expect(scene(await to(7 * tickRate))).toBe(scene(middle));
    await page.keyboard.press('ArrowLeft');
    await see(page, (f) => still(f) && f.tick === 2 * tickRate);
    await page.keyboard.press('End');
    await see(page, (f) => still(f) && f.tick === f.length);
    await page.waitForSelector('.board .winner');
    await shot(page, '51-replay-end');
    await page.click('[aria-label="Play again"]');
    await see(page, (f) => f.playing && f.tick < f.length / 2);
  });

  it('is seen through anybody’s eyes, or freely', async () => {
    await page.click('[aria-label=Pause]');
    await page.locator('.seek input').fill(String(8 * tickRate));
    const first = await see(page, (f) => still(f) && f.following > 0);
    await page.keyboard.press('KeyE');
    await see(page, (f) => f.following > 0 && f.following !== first.following);
    // Somebody who is in play, for the camera to stand on.
    const other = first.rows.find((r) => first.players.some((p) => p.id === r.player));
    await page.click(`.replayPlayers button:has-text("${other?.name}")`);
    await see(page, (f) => {
      const p = f.players.find((x) => x.id === f.following);
      if (!p || p.id !== other?.player) return false;
      return Math.hypot(p.x - f.camera.x, p.y - f.camera.y) < 700;
    });
    await shot(page, '52-replay');
    await page.keyboard.press('KeyF');
    const free = await see(page, (f) => f.following === 0);
    // Away from the nearer edges of the map, where the camera stops.
    const [dx, dy] = [free.camera.x < 704 ? -100 : 100, free.camera.y < 512 ? -60 : 60];
    await page.mouse.move(640, 400);
    await page.mouse.down();
    await page.mouse.move(640 + dx, 400 + dy, { steps: 5 });
    await page.mouse.up();
    await see(page, (f) => f.camera.x !== free.camera.x || f.camera.y !== free.camera.y);
    await page.mouse.wheel(0, -300);
    await see(page, (f) => f.camera.zoom > free.camera.zoom * 1.2);
    await page.keyboard.press('KeyH');
    await page.waitForSelector('.replayKeys');
    await shot(page, '53-replay-keys');
  });

  it('tells who destroyed whom, and needs no mouse', async () => {
    await page.keyboard.press('KeyH');
    await page.keyboard.press('Home');
    await see(page, (f) => still(f) && f.tick === 1);
    await page.keyboard.press('Space');
    await page.waitForSelector('.feed li');
    await page.keyboard.press('Space');
    await see(page, (f) => !f.playing);
    expect(await unlabelled(page)).toEqual([]);
    expect(await reachable(page)).toEqual([]);
    await page.context().close();
  });

  it('works on a phone', async () => {
    const small = await phone();
    await watch(small);
    await small.tap('[aria-label=Pause]');
    await small.tap('[aria-label="5 seconds on"]');
    const f = await see(small, (x) => still(x) && x.tick > 5 * tickRate);
    await small.tap('[aria-label="Next player"]');
    await see(small, (x) => x.following !== f.following);
    await shot(small, '54-replay-phone');
    await small.tap('button[aria-label=Players]');
    await small.waitForSelector('.replayPlayers');
    await shot(small, '55-replay-phone-players');
    await small.tap('button[aria-label=Players]');
    await small.waitForSelector('.replayPlayers', { state: 'detached' });
    const cdp = await small.context().newCDPSession(small);
    const fingers = (apart: number) => [
      { x: 180 - apart, y: 380, id: 1 },
      { x: 180 + apart, y: 380, id: 2 },
    ];
    const before = await see(small, still);
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(30) });
    for (const apart of [45, 60, 75]) {
      await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(apart) });
    }
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await see(small, (x) => x.camera.zoom > before.camera.zoom * 1.3);
    expect(await widerThanWindow(small)).toEqual([]);
    for (const button of await small.locator('.replay button').all()) {
      const box = await button.boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(43.5);
    }
    await small.context().close();
  });

  it('is opened from a file', async () => {
    const page = await desktop();
    await page.goto(at('/replay'));
    await page.setInputFiles('input[type=file]', file);
    await see(page, (f) => f.open && f.tick > 1);
    await page.context().close();
  });
});

describe('what cannot be played', () => {
  const notice = async (page: Page) => {
    await page.waitForSelector('.notice');
    return page.textContent('.notice');
  };

  it('is told in plain words, and another can be opened', async () => {
    const page = await desktop();
    await page.goto(at('/replay/00000000-0000-4000-8000-000000000000'));
    expect(await notice(page)).toContain('no such replay');
    await shot(page, '56-replay-unknown');
    const open = (bytes: Uint8Array) =>
      page.setInputFiles('input[type=file]', {
        name: 'my.replay',
        mimeType: 'application/octet-stream',
        buffer: Buffer.from(bytes),
      });
    await open(new TextEncoder().encode('no replay at all'));
    await page.waitForSelector('.notice:has-text("damaged")');
    await open(new TextEncoder().encode('HSREPLAY\u0063and what another version writes'));
    await page.waitForSelector('.notice:has-text("another version")');
    await page.setInputFiles('input[type=file]', file);
    await see(page, (f) => f.open);
    await page.context().close();
  });

  it('is all there is to complain about', () => {
    // The unknown replay is a refusal, which the browser logs.
    expect(problems.filter((p) => !/status of 404/.test(p))).toEqual([]);
  });
});
