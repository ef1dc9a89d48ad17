// The lobby page in real browsers on a real server: rooms with a password, the queue, names, parties,
// chat, accounts; and whether all of it can be reached and read without a mouse.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { complaints, launch } from './browser';
import { inside, lobbyPage, open, openRoom, shot, until } from './player';
import { reachable, unlabelled, widerThanWindow } from './reach';
import { startServer, type TestServer } from './server';

/** The pages of the lobby, as src/ui.ts lists them; that file itself needs a browser. */
const tabs = ['rooms', 'match', 'party', 'chat', 'ranks', 'profile'];

let server: TestServer;
let browser: Browser;
const problems: string[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
});

afterAll(async () => {
  await browser?.close();
  server?.stop();
});

/** A person at a browser of their own. */
async function person(size = { width: 1280, height: 800 }): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: size });
  const page = await context.newPage();
  complaints(page, problems);
  return page;
}
const leave = (...pages: Page[]) => Promise.all(pages.map((p) => p.context().close()));

describe('the list of rooms', () => {
  it('tells how far away they are and is narrowed by it', async () => {
    const page = await person();
    await open(page, server.url);
    await lobbyPage(page, 'rooms');
    await page.waitForSelector('.roomRow [title=Ping]');
    expect(await page.textContent('.roomRow [title=Ping]')).toMatch(/^Ping [1-9]\d* ms/);
    await page.selectOption('[aria-label="Any ping"]', { label: 'Under 200 ms' });
    await page.check('.filters label:has-text("Open")');
    await page.waitForSelector('.roomRow [aria-label^=Join]');
    expect(await page.locator('[aria-label="Any game"]').count()).toBe(0); // there is one
    await leave(page);
  });

  it('measures a game server of another origin', async () => {
    const page = await person();
    // Its page's policy is that of a server with game servers elsewhere, the other's /healthz the real one.
    const lobby = await startServer('--token', 'a secret of 22 letters', '--bots', '0');
    await page.route('**/api/v1/rooms', async (route) => {
      const answer = await route.fetch();
      const list = (await answer.json()) as { rooms: object[] };
      const url = `ws://${server.url.host}/ws`;
      await route.fulfill({ response: answer, json: { rooms: list.rooms.map((r) => ({ ...r, url })) } });
    });
    const asked = page.waitForResponse(new URL('/healthz', server.url).href);
    await open(page, lobby.url);
    await lobbyPage(page, 'rooms');
    await asked;
    await page.waitForSelector('.roomRow [title=Ping]');
    await leave(page);
    lobby.stop();
  });
});

describe('a room with a password', () => {
  it('is on the list, asks, refuses the wrong word and takes the right one', async () => {
    const [ada, bob] = await Promise.all([person(), person()]);
    await open(ada, server.url);
    const mine = await openRoom(ada, async () => {
      await ada.fill('dialog input[placeholder=optional]', 'Quiet corner');
      await ada.fill('dialog input[placeholder=none]', 'open sesame');
    });
    await open(bob, server.url);
    await bob.click('[aria-label="Join Quiet corner"]');
    await bob.fill('dialog[aria-label=Password] input', 'open barley');
    await bob.click('dialog[aria-label=Password] button:has-text("Join")');
    await bob.waitForSelector('dialog[aria-label=Password] [role=alert]');
    await shot(bob, '30-password');
    await bob.fill('dialog[aria-label=Password] input', 'open sesame');
    await bob.click('dialog[aria-label=Password] button:has-text("Join")');
    expect((await until(bob, inside)).room).toBe(mine.room);
    await leave(ada, bob);
  });
});

describe('the queue', () => {
  it('is joined, leaves the page usable and is left', async () => {
    const page = await person();
    await open(page, server.url);
    await lobbyPage(page, 'match');
    await page.click('.mode button >> nth=1');
    await page.waitForSelector('.queueStrip');
    await lobbyPage(page, 'ranks');
    await page.waitForSelector('.segments');
    await shot(page, '31-queue');
    await page.click('.queueStrip button:has-text("Cancel")');
    await page.waitForSelector('.queueStrip', { state: 'detached' });
    await leave(page);
  });

  it('seats two who wait in one match', async () => {
    const pages = await Promise.all([person(), person()]);
    for (const page of pages) {
      await open(page, server.url);
      await lobbyPage(page, 'match');
      await page.click('.mode button >> nth=0');
    }
    const [a, b] = await Promise.all(pages.map((p) => until(p, (f) => inside(f) && f.alive, 60_000)));
    expect(a.room).toBe(b.room);
    expect(a.room).not.toBe('arena');
    expect(a.me).not.toBe(b.me);
    await leave(...pages);
  });
});

describe('a name', () => {
  it('is changed on the profile page and stays over a reload', async () => {
    const page = await person();
    await open(page, server.url);
    await lobbyPage(page, 'profile');
    await page.fill('[aria-label="Player name"]', 'Grace Hopper');
    await page.click('button:has-text("Rename")');
    await page.waitForSelector('[role=status] b:has-text("Grace Hopper")');
    await page.reload();
    await page.waitForSelector('#play:enabled');
    expect(await page.inputValue('.card .textInput')).toBe('Grace Hopper');
    await page.click('#play');
    await until(page, inside);
    await page.keyboard.down('Tab');
    await page.waitForSelector('.board tr[data-me]:has-text("Grace Hopper")');
    await leave(page);
  });

  it('that is not allowed is refused in the server’s words', async () => {
    const page = await person();
    await open(page, server.url);
    await lobbyPage(page, 'profile');
    await page.fill('[aria-label="Player name"]', 'admin');
    await page.click('button:has-text("Rename")');
    expect(await page.textContent('.lobbyPage [role=alert]')).toMatch(/\w+ \w+/);
    await leave(page);
  });
});

describe('a party', () => {
  it('is joined by its link, led on and left', async () => {
    const [ada, bob] = await Promise.all([person(), person({ width: 360, height: 740 })]);
    await open(ada, server.url);
    await lobbyPage(ada, 'party');
    await ada.click('button:has-text("Make a party")');
    const link = new URL(await ada.inputValue('[aria-label="Link to this party"]'));
    await open(bob, server.url, { party: link.searchParams.get('party') ?? '' });
    await bob.waitForFunction(() => document.querySelectorAll('.people li').length === 2);
    expect(bob.url()).not.toContain('party=');
    await ada.waitForFunction(() => document.querySelectorAll('.people li').length === 2);
    await bob.click('label:has-text("I am ready") input'); // the server's answer checks it
    await ada.waitForSelector('.people li:nth-child(2) [data-state=ready]');
    await shot(ada, '32-party');
    await shot(bob, '33-party-phone');

    await lobbyPage(bob, 'chat');
    await bob.click('.segments label:has-text("Party")');
    await bob.fill('.chatTab input.textInput', 'hello, leader');
    await bob.keyboard.press('Enter');
    await lobbyPage(ada, 'chat');
    await ada.click('.segments label:has-text("Party")');
    await ada.waitForSelector('.lines li:has-text("hello, leader")');
    await ada.click('.lines li:has-text("hello, leader") button');
    await ada.waitForSelector('.lines li:has-text("hello, leader")', { state: 'detached' });

    await lobbyPage(ada, 'party');
    await ada.click('.people li:nth-child(2) button[aria-label$=leader]');
    await bob.waitForSelector('#tab-party');
    await lobbyPage(bob, 'party');
    await bob.click('.people button[aria-label^=Remove]');
    await ada.waitForSelector('button:has-text("Make a party")');
    await leave(ada, bob);
  });

  it('that does not exist is said to be none', async () => {
    const page = await person();
    await open(page, server.url, { party: 'NOSUCHAA' });
    expect(await page.textContent('.card .notice')).toContain('no party');
    await page.click('#play:enabled');
    await until(page, inside);
    await leave(page);
  });
});

describe('an account', () => {
  it('keeps the player of a guest, and is found again', async () => {
    const page = await person();
    await open(page, server.url);
    const name = await page.inputValue('.card .textInput');
    await lobbyPage(page, 'profile');
    await page.click('button:has-text("Account")');
    await page.fill('[autocomplete=username]', 'ada.lovelace');
    await page.fill('[autocomplete=new-password]', 'difference engine 9');
    await page.click('button:has-text("Make the account")');
    await page.waitForSelector('.lobbyPage:has-text("with an account")');
    await page.click('.lobbyPage button:has-text("Log out")');
    await page.click('dialog button:has-text("Log out")');
    await page.waitForSelector('.lobbyPage:has-text("a guest on this device")');

    await page.click('button:has-text("Account")');
    await page.click('.segments label:has-text("Log in")');
    await page.fill('[autocomplete=username]', 'ada.lovelace');
    await page.fill('[autocomplete=current-password]', 'wrong');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('dialog [role=alert]');
    await page.fill('[autocomplete=current-password]', 'difference engine 9');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('.lobbyPage:has-text("with an account")');
    expect(await page.inputValue('[aria-label="Player name"]')).toBe(name);
    await leave(page);
  });
});

describe('without a mouse', () => {
  it.each([
    { width: 360, height: 740 },
    { width: 1280, height: 800 },
    { width: 2560, height: 1440 },
  ])('everything can be read and reached at %o', async (size) => {
    const page = await person(size);
    await open(page, server.url);
    await page.waitForSelector('.lobby');
    for (const tab of tabs) {
      await page.focus('[role=tab][aria-selected=true]');
      for (let i = 0; i < tabs.length; i++) {
        if (await page.getAttribute(`#tab-${tab}`, 'aria-selected').then((s) => s === 'true')) break;
        await page.keyboard.press('ArrowRight');
      }
      expect(await page.getAttribute(`#tab-${tab}`, 'aria-selected')).toBe('true');
      await page.waitForTimeout(150);
      if (tab === 'rooms') await page.waitForSelector('.roomRow [title=Ping]');
      expect(await unlabelled(page), tab).toEqual([]);
      expect(await widerThanWindow(page), tab).toEqual([]);
      expect(await reachable(page), tab).toEqual([]);
      await shot(page, `40-${size.width}-${tab}`);
    }
    await page.click('#tab-rooms');
    await page.click('button:has-text("New room")');
    expect(await unlabelled(page)).toEqual([]);
    expect(await widerThanWindow(page)).toEqual([]);
    await shot(page, `40-${size.width}-new-room`);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('New room');
    await leave(page);
  });
});

describe('without a lobby', () => {
  it('one walks in', async () => {
    const page = await browser.newPage();
    await page.route('**/api/**', (route) => route.abort());
    await open(page, server.url);
    await page.click('#play');
    expect((await until(page, inside)).room).toBe('arena');
    expect(await page.locator('.lobby').count()).toBe(0);
    await page.context().close();
  });
});

describe('the lobby', () => {
  it('gave no complaint', () => {
    // Refusals are tested above; the browser logs each as a resource that failed.
    expect(problems.filter((p) => !/status of 4(00|01|03|04|09)/.test(p))).toEqual([]);
  });
});
