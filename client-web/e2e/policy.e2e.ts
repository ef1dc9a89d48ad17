// What the page's headers forbid, tried in a real browser; and that nobody who plays is hindered by it,
// asks another server for anything, or has a secret in an address.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './browser';
import { Guard } from './guard';
import { inside, lobbyPage, open, openRoom, until } from './player';
import { Line } from './proxy';
import { startServer, type TestServer } from './server';

let server: TestServer;
let line: Line;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  line = await Line.to(server.url);
});

afterAll(async () => {
  await browser?.close();
  line?.close();
  server?.stop();
});

/**
 * What somebody would do who got a script in after all, by the directive that forbids it, "" where only
 * Trusted Types do. Elsewhere is the same server by another name: it would answer.
 */
const attempts: [directive: string, code: string][] = [
  ['script-src-elem', "add('script', { text: 'fired()' })"],
  ['script-src-elem', "add('script', { src: elsewhere + 'wasm_exec.js' })"],
  ['script-src-elem', "add('script', { src: 'data:text/javascript,fired()' })"],
  ['script-src-elem', "import('data:text/javascript,fired()').catch(() => {})"],
  ['script-src-elem', "add('a', { href: 'javascript:fired()' }).click()"],
  ['script-src-attr', "add('a', {}).setAttribute('onclick', 'fired()')"],
  ['script-src-attr', "add('div', {}).innerHTML = '<img src=x onerror=fired()>'"],
  ['script-src', "eval('fired()')"],
  ['script-src', "new Function('fired()')()"],
  ['script-src', "setTimeout('fired()')"],
  ['', "new DOMParser().parseFromString('<b>', 'text/html')"],
  ['', "trustedTypes.createPolicy('mine', { createHTML: (t) => t })"],
  ['frame-src', "add('iframe', { src: elsewhere })"],
  ['object-src', "add('object', { data: elsewhere })"],
  ['base-uri', "add('base', { href: elsewhere })"],
  ['form-action', "add('form', { action: elsewhere }).submit()"],
  ['style-src-elem', "add('style', { textContent: '*{display:none}' })"],
  ['style-src-attr', "add('i', {}).setAttribute('style', 'color:red')"],
  ['img-src', "add('img', { src: elsewhere + 'icon.svg' })"],
  ['connect-src', 'fetch(elsewhere).catch(() => {})'],
  ['connect-src', "new WebSocket(elsewhere.replace('http', 'ws') + 'ws')"],
  ['connect-src', 'navigator.sendBeacon(elsewhere)'],
  ['worker-src', "new Worker(URL.createObjectURL(new Blob(['0'])))"],
];

/** Runs each as a script of the page would, and returns the directives that they break. */
const broken = (page: Page, codes: string[], elsewhere: string): Promise<string[]> =>
  page.evaluate(`(async () => {
    const elsewhere = ${JSON.stringify(elsewhere)};
    const add = (kind, what) => document.body.appendChild(Object.assign(document.createElement(kind), what));
    const breaks = (code) =>
      new Promise((done) => {
        document.addEventListener('securitypolicyviolation', (e) => done(e.effectiveDirective), { once: true });
        // In a task of its own: what a test itself evaluates is beyond the page's policy.
        setTimeout(() => {
          try {
            code();
          } catch {}
        });
        setTimeout(done, 10_000, 'nothing');
      });
    const all = [];
    for (const code of [${codes.map((code) => `() => { ${code} }`).join(', ')}]) all.push(await breaks(code));
    return all;
  })()`);

describe('the policy', () => {
  it.each([true, false])('forbids what a stray script would do, with Trusted Types: %s', async (typed) => {
    const context = await browser.newContext();
    const guard = await Guard.over(context);
    const page = await context.newPage();
    const elsewhere = `http://localhost:${server.url.port}/`;
    const answered: string[] = [];
    page.on('response', (r) => answered.push(r.url()));
    // Not every browser has Trusted Types: without them the rest must do.
    await page.route('**/replay', async (route) => {
      const response = await route.fetch();
      const headers = response.headers();
      const policy = headers['content-security-policy'];
      if (!typed) headers['content-security-policy'] = policy.replace(/require-trusted-types-for.*/, '');
      await route.fulfill({ response, headers });
    });
    await page.goto(new URL('/replay', server.url).href); // the page at its calmest
    await page.waitForSelector('.replayCard');
    const tried = attempts.filter(([directive]) => typed || directive !== '');
    const directives = await broken(
      page,
      tried.map(([, code]) => code),
      elsewhere,
    );
    const wrong = tried.flatMap(([directive, code], i) => {
      const is = directives[i];
      return is === directive || (typed && /trusted-types/.test(is)) ? [] : [`${code} breaks ${is}`];
    });
    expect(wrong).toEqual([]);
    expect(guard.alarms.filter((a) => !a.startsWith('violated'))).toEqual([]);
    expect(answered.filter((url) => url.startsWith(elsewhere))).toEqual([]);
    await context.close();
  });
});

/** Notes what the server hands out that is somebody's alone. */
function secretsOf(page: Page): Map<string, string> {
  const secrets = new Map<string, string>();
  page.on('response', async (response) => {
    const answer: unknown = await response.json().catch(() => null);
    if (typeof answer !== 'object' || answer === null) return;
    for (const [name, value] of Object.entries(answer)) {
      if (['device', 'session', 'ticket'].includes(name) && value) secrets.set(String(value), name);
    }
  });
  return secrets;
}

const seatToken = (page: Page) =>
  page.evaluate((): string => JSON.parse(sessionStorage['hindsight.seat']).token);

describe('whoever plays', () => {
  it('breaks no policy by WebGL either', async () => {
    const context = await browser.newContext();
    const guard = await Guard.over(context);
    const page = await context.newPage();
    await page.goto(server.url.href);
    await page.waitForSelector('#play:enabled');
    expect(guard.alarms).toEqual([]);
    await context.close();
  });

  it('keeps secrets out of addresses, asks nobody else and breaks no policy', async () => {
    const context = await browser.newContext();
    const guard = await Guard.over(context);
    const page = await context.newPage();
    const secrets = secretsOf(page);
    await open(page, line.url);
    await lobbyPage(page, 'profile');
    await page.click('button:has-text("Account")');
    await page.fill('[autocomplete=username]', 'grace.hopper');
    await page.fill('[autocomplete=new-password]', 'nanosecond wire 11');
    await page.click('button:has-text("Make the account")');
    await page.waitForSelector('.lobbyPage:has-text("with an account")');
    const { room } = await openRoom(page, () => page.fill('dialog input[placeholder=none]', 'open sesame'));
    secrets.set('nanosecond', 'password').set('sesame', 'password of the room');
    await page.keyboard.press('Escape');
    await page.click('[aria-label="QR code"]');
    await page.waitForSelector('svg.qr path');
    await page.keyboard.press('Escape');

    secrets.set(await seatToken(page), 'seat');
    line.cut();
    await until(page, (f) => f.phase === 'retrying');
    line.mend();
    await until(page, inside);
    secrets.set(await seatToken(page), 'seat');
    await page.reload({ waitUntil: 'commit' });
    await page.waitForFunction(() => window.hindsight?.phase === 'live' && window.hindsight.entities > 0);
    secrets.set(await seatToken(page), 'seat');
    expect(page.url()).toContain(room);

    await page.goto(new URL('/replay', line.url).href);
    await page.waitForSelector('.replayCard .empty');

    expect([...new Set(secrets.values())].sort()).toEqual(
      ['device', 'password', 'password of the room', 'seat', 'session', 'ticket'].sort(),
    );
    const told = [...guard.addresses].map(decodeURIComponent);
    expect(told.filter((url) => [...secrets.keys()].some((s) => url.includes(s)))).toEqual([]);
    expect(told.some((url) => url.startsWith('ws:'))).toBe(true);
    const others = [...guard.addresses].filter((url) => url !== '' && new URL(url).host !== line.url.host);
    expect(others).toEqual([]);
    expect(guard.alarms).toEqual([]);
    await context.close();
  });
});
