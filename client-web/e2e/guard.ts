// What must not happen in a browser, whatever strangers write: a script of theirs runs, markup is made of
// their text, the page breaks its policy, something is asked of another place.

import type { BrowserContext, Page } from 'playwright-core';

export class Guard {
  /** What ran, or would have run but for the policy. */
  readonly alarms: string[] = [];
  /** Every address asked for, sockets and places of the page among them, and what was sent as a Referer. */
  readonly addresses = new Set<string>();

  /** Watches all pages that are opened in a context from now on. */
  static async over(context: BrowserContext): Promise<Guard> {
    const guard = new Guard();
    await context.exposeFunction('fired', (what: string) => guard.alarms.push(`fired: ${what}`));
    await context.exposeFunction('violated', (what: string) => guard.alarms.push(`violated: ${what}`));
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (e) => {
        const { violated } = window as unknown as { violated: (what: string) => void };
        violated(`${e.effectiveDirective} by ${e.blockedURI} ${e.sample}`);
      });
    });
    context.on('request', (r) => {
      guard.addresses.add(r.url());
      guard.addresses.add(r.headers().referer ?? '');
    });
    context.on('page', (page) => guard.watch(page));
    return guard;
  }

  private watch(page: Page): void {
    page.on('dialog', (d) => {
      this.alarms.push(`dialog: ${d.message()}`);
      void d.dismiss();
    });
    page.on('pageerror', (e) => this.alarms.push(`exception: ${e.message}`));
    page.on('websocket', (ws) => this.addresses.add(ws.url()));
    page.on('framenavigated', (frame) => this.addresses.add(frame.url()));
  }
}

/** Elements and attributes on the page that its own parts never make. */
export const injected = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const ours = (e: Element) =>
      e instanceof HTMLScriptElement
        ? e.type === 'module' && e.text === '' && new URL(e.src).origin === location.origin
        : e instanceof HTMLLinkElement && new URL(e.href).origin === location.origin;
    const foreign =
      'script, link, style, base, iframe, frame, object, embed, img, image, video, audio, source, math, ' +
      'marquee, details, template, foreignObject, animate, set, meta[http-equiv], form[action], [srcdoc], [formaction]';
    const odd = [...document.querySelectorAll(foreign)].filter((e) => !ours(e));
    const leading = /^(href|xlink:href|src|srcset|data|action|formaction|poster|to|from|values)$/i;
    const scripted = [...document.querySelectorAll('*')].filter((e) =>
      [...e.attributes].some(
        (a) =>
          /^on/i.test(a.name) || (leading.test(a.name) && /^\s*(javascript|data|vbscript):/i.test(a.value)),
      ),
    );
    return [...odd, ...scripted].map((e) => e.outerHTML.slice(0, 200));
  });
