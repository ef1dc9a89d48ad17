// A small check of what assistive technology and the keyboard find: names, sizes, order.

import type { Page } from 'playwright-core';

const controls =
  'button, a[href], input:not([type=hidden]), select, textarea, [role=tab], [role=radio], [tabindex]';

/** Controls on the page, or in the dialog over it, that have no name. */
export const unlabelled = (page: Page): Promise<string[]> =>
  page.evaluate((selector) => {
    const top = document.querySelector('dialog[open]') ?? document.body;
    const named = (e: Element): boolean => {
      if (e.getAttribute('aria-label') || e.getAttribute('title')) return true;
      if (e.hasAttribute('aria-labelledby')) return true;
      if (e instanceof HTMLInputElement || e instanceof HTMLSelectElement) {
        return [...(e.labels ?? [])].some((l) => (l.textContent ?? '').trim() !== '');
      }
      return (e.textContent ?? '').trim() !== '';
    };
    const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
    const twice = ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `twice: #${id}`);
    const nameless = [...top.querySelectorAll(selector)].filter((e) => !named(e)).map((e) => e.outerHTML);
    return [...twice, ...nameless];
  }, controls);

/** What hangs over the window's edge, tables that scroll aside. */
export const widerThanWindow = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('#app *, dialog *')]
      .filter((e) => {
        const box = e.getBoundingClientRect();
        return box.width > 1 && (box.left < -1 || box.right > innerWidth + 1) && !e.closest('.tableScroll');
      })
      .map((e) => `${e.tagName}.${e.className} to ${Math.round(e.getBoundingClientRect().right)}`),
  );

/**
 * Goes through the page by Tab and returns what should have had the focus and did not, or was too small
 * for a thumb, or did not show that it has the focus.
 */
export async function reachable(page: Page): Promise<string[]> {
  const wanted = await page.evaluate((selector) => {
    const list = [...document.querySelectorAll<HTMLElement>(`#app :is(${selector})`)].filter(
      (e) => e.tabIndex >= 0 && !e.matches(':disabled') && e.getClientRects().length > 0,
    );
    // Of a group of radio buttons Tab reaches the chosen one only.
    const stops = list.filter((e) => !(e instanceof HTMLInputElement && e.type === 'radio' && !e.checked));
    stops.forEach((e, i) => {
      e.dataset.stop = String(i);
    });
    (document.activeElement as HTMLElement | null)?.blur();
    return stops.length;
  }, controls);
  const found = new Set<string>();
  const wrong: string[] = [];
  for (let i = 0; i < wanted + 3; i++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const e = document.activeElement;
      if (!(e instanceof HTMLElement) || e.dataset.stop === undefined) return null;
      const shown = e.closest('label') ?? e;
      const box = shown.getBoundingClientRect();
      const marked = (x: Element) => getComputedStyle(x).outlineStyle !== 'none';
      const small = Math.min(box.width, box.height) < 31.5 && !e.matches('.linkButton');
      return {
        id: e.dataset.stop,
        what: `${e.tagName} ${e.getAttribute('aria-label') ?? e.textContent?.trim()}`,
        small,
        unmarked: !marked(e) && !marked(shown),
      };
    });
    if (!stop || found.has(stop.id)) continue;
    found.add(stop.id);
    if (stop.small) wrong.push(`small: ${stop.what}`);
    if (stop.unmarked) wrong.push(`no focus ring: ${stop.what}`);
  }
  if (found.size < wanted) wrong.push(`${wanted - found.size} of ${wanted} were not reached`);
  return wrong;
}
