// A death, its last seconds through the killer's eyes, and the next life: in a real browser, among bots.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaints, launch } from './browser';
import { facts, inside, open, openRoom, shot, until } from './player';
import { startServer, type TestServer } from './server';

let server: TestServer;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  problems = complaints(page);
  await open(page, server.url);
  await openRoom(page, async () => {
    await page.check('label:has-text("Private") input');
    await page.check('label:has-text("Pit") input');
    await page.locator('label:has-text("Bots") input').first().fill('7');
    await page.locator('label:has-text("Skill of the bots") input').fill('5');
  });
});

afterAll(async () => {
  await browser?.close();
  server?.stop();
});

describe('the kill-cam', () => {
  it('shows the last seconds through the killer’s eyes and gives way to the next life', async () => {
    const past = await until(page, (f) => f.lookBack > 0, 60_000);
    expect(past.alive).toBe(false);
    expect(past.lookBack).not.toBe(past.me);
    await page.waitForSelector('.killCam .killCamFoot b');
    // The picture is the past: the own drone is in it although it is destroyed.
    await until(page, (f) => f.players.some((p) => p.mine) && !f.alive);
    await shot(page, '40-kill-cam');
    const next = await until(page, (f) => f.alive);
    expect(next.lookBack).toBe(0);
    expect(next.stats.correctedUnknown).toBe(0);
  });

  it('is skipped by any key', async () => {
    await page.waitForFunction(
      () => {
        if (window.hindsight.lookBack === 0) return false;
        dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyX', key: 'x' }));
        return window.hindsight.lookBack === 0 && !window.hindsight.alive;
      },
      undefined,
      { timeout: 60_000, polling: 'raf' },
    );
    await until(page, (f) => f.alive);
  });

  it('is not shown once it is turned off', async () => {
    await page.keyboard.press('Escape');
    await page.click('dialog[aria-label=Menu] button:has-text("Settings")');
    await page.uncheck('label:has-text("Kill-cam") input');
    await page.click('dialog[aria-label=Settings] [aria-label=Close]');
    await page.click('text=Back to the game');
    await until(page, (f) => f.alive);
    const before = await facts(page);
    await until(page, (f) => !f.alive, 60_000);
    await until(page, (f) => f.alive);
    expect((await facts(page)).lookBacks).toBe(before.lookBacks);
    expect(problems).toEqual([]);
  });

  it('is not shown to who wants little motion', async () => {
    const { room } = await facts(page);
    const still = await browser.newPage({ reducedMotion: 'reduce' });
    await open(still, server.url, { room });
    await still.click('#play');
    await until(still, (f) => inside(f) && f.alive);
    await until(still, (f) => !f.alive, 60_000);
    await until(still, (f) => f.alive);
    expect((await facts(still)).lookBacks).toBe(0);
    await still.close();
  });
});
