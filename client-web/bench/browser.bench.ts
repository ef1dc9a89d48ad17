// What the page costs in a real Chromium against a real server: loading, and frames with many entities.
// `make bench-browser` runs it. Several servers are measured in turns, so that what else the machine does
// hits all of them alike.
//
//   HINDSIGHT_BIN   server binaries, separated by commas: the columns of the table
//   SERVE           more options of the server, such as "--set mode=ffa"
//   ROUNDS, PLAY    how often each is measured, and for how many seconds
//   CROWD           so many entities, copies of those there are; 0 for none
//   PAINT           1 to fill the pixels too: here no GPU does that but a program, on the very processors
//                   that are measured
//   RENDERER, VIEW  webgl or canvas, and the size of the page

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { launch } from '../e2e/browser';
import { startBinary, type TestServer } from '../e2e/server';
import { parts } from '../src/cost';
import { crowd } from './crowd';
import { counting, eager, unpainted } from './inside';
import { Sheet } from './sheet';

const env = (name: string, otherwise: string) => process.env[name] || otherwise;
const binaries = env('HINDSIGHT_BIN', join(import.meta.dirname, '../../bin/hindsight')).split(',');
const options = env('SERVE', '--bots 31 --set mode=ffa;score=0;time=3600;warmup=0').split(' ');
const rounds = Number(env('ROUNDS', '3'));
const seconds = Number(env('PLAY', '15'));
const entities = Number(env('CROWD', '200'));
const renderer = env('RENDERER', 'webgl');
const paint = env('PAINT', '0') === '1';
const [width, height] = env('VIEW', '1280x800').split('x').map(Number);
const viewport = { width, height };
const output = join(import.meta.dirname, '../test-output');

let browser: Browser;

beforeAll(async () => {
  mkdirSync(output, { recursive: true });
  browser = await launch(
    '--enable-precise-memory-info',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
  );
});
afterAll(() => browser?.close());

it('measures', async () => {
  const sheet = new Sheet(binaries);
  for (let round = 0; round < rounds; round++) {
    for (const [column, binary] of binaries.entries()) {
      const server = await startBinary(binary, ...options);
      try {
        await measureLoading(server, sheet, column);
        await measureFrames(server, sheet, column);
      } finally {
        server.stop();
      }
    }
  }
  process.stdout.write(`${sheet.text()}\n`);
});

const address = (server: TestServer) => new URL(`?measure&renderer=${renderer}`, server.url).href;

/** Opens the page with nothing in the cache, and again. */
async function measureLoading(server: TestServer, sheet: Sheet, column: number): Promise<void> {
  await compressed(server);
  const context = await browser.newContext({ viewport });
  for (const cache of ['cold', 'warm']) {
    const page = await context.newPage();
    await page.addInitScript(eager);
    if (!paint) await page.addInitScript(unpainted);
    await page.goto(address(server));
    await playable(page);
    const marks = await page.evaluate(() => {
      const { responseEnd } = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming;
      const resources = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      return {
        html: responseEnd,
        ...Object.fromEntries(
          performance.getEntriesByType('mark').map((m) => [m.name.replace('hindsight:', ''), m.startTime]),
        ),
        KB: resources.reduce((sum, r) => sum + r.transferSize, 0) / 1000,
      };
    });
    for (const [name, at] of Object.entries(marks)) {
      sheet.add(column, `${cache}: ${name}`, name === 'KB' ? 'KB' : 'ms', at);
    }
    await page.close();
  }
  await context.close();
}

const playable = (page: Page) =>
  page.waitForFunction(() => performance.getEntriesByName('hindsight:playable').length > 0);

/** Waits until the server has its files compressed: before that no visitor would be measured. */
async function compressed(server: TestServer): Promise<void> {
  for (;;) {
    const r = await fetch(new URL('/hindsight.wasm', server.url), { headers: { 'Accept-Encoding': 'br' } });
    await r.arrayBuffer();
    if (r.headers.get('Content-Encoding') === 'br') return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Plays for a while with many others and measures every frame. */
async function measureFrames(server: TestServer, sheet: Sheet, column: number): Promise<void> {
  const page = await browser.newPage({ viewport });
  page.on('pageerror', (problem) => process.stderr.write(`${problem.stack}\n`));
  await page.addInitScript(eager);
  await page.addInitScript(counting);
  if (!paint) await page.addInitScript(unpainted);
  if (entities > 0) await page.addInitScript(crowd, entities);
  await page.goto(address(server));
  await playable(page);
  await page.waitForTimeout(3000);
  const before = await totals(page);
  const cpu = await processes();
  await page.waitForTimeout(seconds * 1000);
  const after = await totals(page);
  const used = await processes();
  const past = (after.at - before.at) / 1000;
  const report = await page.evaluate((n) => window.hindsightCost.report(n), after.frames - before.frames);
  for (const part of [...parts, 'all', 'gap'] as const) {
    sheet.add(column, `${part}: mean`, 'ms', report[part].mean);
    sheet.add(column, `${part}: p99`, 'ms', report[part].p99);
  }
  sheet.add(column, 'frames', '/s', (after.frames - before.frames) / past);
  sheet.add(column, 'entities', '', after.entities);
  sheet.add(column, 'core: garbage', 'KB/s', (after.heap.allocated - before.heap.allocated) / past);
  sheet.add(
    column,
    'core: collections',
    '/min',
    ((after.heap.collections - before.heap.collections) / past) * 60,
  );
  sheet.add(column, 'core: live', 'KB', after.heap.live);
  sheet.add(column, 'core: memory', 'KB', after.heap.reserved);
  sheet.add(column, 'scripts: garbage', 'KB/s', (after.scripts - before.scripts) / 1024 / past);
  sheet.add(column, 'renderer process', 'ms/s', ((used - cpu) * 1000) / past);
  await page.screenshot({ path: join(output, `bench-${column}.png`) });
  await page.close();
}

interface Totals {
  at: number;
  frames: number;
  entities: number;
  heap: { allocated: number; collections: number; live: number; reserved: number };
  /** Bytes that scripts have taken. */
  scripts: number;
}

async function totals(page: Page): Promise<Totals> {
  return page.evaluate(() => ({
    at: performance.now(),
    frames: window.counted.frames,
    entities: window.hindsight.entities,
    heap: window.hindsightCost.heap(),
    scripts: window.counted.bytes,
  }));
}

/** The processor time of all pages so far, in seconds. */
async function processes(): Promise<number> {
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  return processInfo.filter((p) => p.type === 'renderer').reduce((sum, p) => sum + p.cpuTime, 0);
}
