// A player's eyes and hands in a real browser: what the page says is so, and how to move and shoot.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Facts } from '../src/hooks';

const output = join(import.meta.dirname, '../test-output');
mkdirSync(output, { recursive: true });

export const shot = (page: Page, name: string) => page.screenshot({ path: join(output, `${name}.png`) });

export const facts = (page: Page): Promise<Facts> => page.evaluate(() => window.hindsight);

/** Waits for a condition on the facts and returns those that fulfilled it. */
export async function until(page: Page, condition: (f: Facts) => boolean, timeout = 20_000): Promise<Facts> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const f = await facts(page);
    if (condition(f)) return f;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}; last: ${JSON.stringify(f)}`);
    await page.waitForTimeout(50);
  }
}

/** One is in a room, with a seat or looking on, and knows which. */
export const inside = (f: Facts) => f.phase === 'live' && f.me !== 0;

export const away = (f: Facts, from: Facts) => Math.hypot(f.x - from.x, f.y - from.y);

const steps = ['KeyD', 'KeyA', 'KeyS', 'KeyW'] as const;

/** Presses the keys that lead in a direction, and lets go of the others. */
async function go(page: Page, dx: number, dy: number): Promise<void> {
  const wanted = [dx > 0.3, dx < -0.3, dy > 0.3, dy < -0.3];
  for (const [i, key] of steps.entries()) {
    await (wanted[i] ? page.keyboard.down(key) : page.keyboard.up(key));
  }
}

/**
 * Turns to the nearest other drone, goes there and fires, until the condition holds. Where nobody is to
 * be seen it wanders, and where a wall is in the way it goes along it.
 */
export async function hunt(page: Page, done: (f: Facts) => boolean, timeout: number): Promise<Facts> {
  const deadline = Date.now() + timeout;
  for (let n = 0; n < 3 && (await page.locator('dialog[open]').count()) > 0; n++) {
    await page.keyboard.press('Escape'); // nobody plays with the menu open
  }
  let before: Facts | undefined;
  let detour = 0;
  let way = 0;
  await page.mouse.down();
  try {
    for (;;) {
      const f = await facts(page);
      if (done(f) || Date.now() > deadline) return f;
      const distance = (p: { x: number; y: number }) => Math.hypot(p.x - f.x, p.y - f.y);
      const prey = f.players.filter((p) => p.foe).sort((a, b) => distance(a) - distance(b))[0];
      if (prey) {
        way = Math.atan2(prey.y - f.y, prey.x - f.x);
        await page.mouse.move(f.screen.x + Math.cos(way) * 160, f.screen.y + Math.sin(way) * 160);
      }
      const stuck = before && f.alive && away(f, before) < 2;
      if (stuck) detour = prey ? 12 : 25;
      if (stuck && !prey) way += 2;
      before = f;
      const turn = detour-- > 0 ? Math.PI / 2 : 0;
      await go(page, Math.cos(way + turn), Math.sin(way + turn));
    }
  } finally {
    await page.mouse.up();
    await go(page, 0, 0);
  }
}

/** Opens the address and waits until the game is loaded. */
export async function open(page: Page, url: URL, parameters: Record<string, string> = {}): Promise<void> {
  const address = new URL(url);
  address.search = new URLSearchParams({ renderer: 'canvas', ...parameters }).toString();
  await page.goto(address.href);
  await page.waitForSelector('#play:enabled');
}

/** Waits until the lobby has answered and goes to a page of it. */
export async function lobbyPage(page: Page, tab: string): Promise<void> {
  await page.waitForSelector('.lobby');
  await page.click(`#tab-${tab}`);
}

/** Opens a room by the dialog and waits until one plays in it. `fill` makes it special. */
export async function openRoom(page: Page, fill: () => Promise<void>): Promise<Facts> {
  await lobbyPage(page, 'rooms');
  await page.click('button:has-text("New room")');
  await page.waitForSelector('dialog[aria-label="New room"]');
  await fill();
  await page.click('button:has-text("Open and join")');
  return until(page, (f) => f.phase === 'live' && f.alive, 30_000);
}
