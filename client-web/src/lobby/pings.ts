// How far away the game servers are: the round trip to each, measured while somebody looks at the list
// of rooms. A page has no ping, so it asks each server for /healthz, which costs nothing to answer.

import { signal } from '@preact/signals';

const everyMs = 10_000;

/** Where the server with that game socket answers over HTTP; "" is the one that the page came from. */
export function healthURL(socket: string, origin: string): URL {
  const url = new URL('healthz', socket || origin);
  url.protocol = url.protocol.replace('ws', 'http');
  return url;
}

export class Pings {
  /** Whole milliseconds, at least 1, by the address of the game socket; only servers that answered. */
  readonly times = signal<ReadonlyMap<string, number>>(new Map());

  /** `origin` tells the page's. */
  constructor(private readonly origin: () => string) {}

  /** Measures these servers now and every 10 s. Returns what ends it. */
  watch(sockets: readonly string[]): () => void {
    let round = new AbortController();
    const measure = () => {
      round.abort(); // who has not answered since the last round is not waited for
      round = new AbortController();
      for (const socket of sockets) void this.measure(socket, round.signal);
    };
    measure();
    const timer = setInterval(measure, everyMs);
    return () => {
      clearInterval(timer);
      round.abort();
    };
  }

  /** Notes the second of two round trips: the first one opens the connection. */
  private async measure(socket: string, signal: AbortSignal): Promise<void> {
    try {
      const origin = this.origin();
      const url = healthURL(socket, origin);
      await roundTrip(url, origin, signal);
      const ms = Math.max(1, Math.round(await roundTrip(url, origin, signal)));
      if (!signal.aborted) this.times.value = new Map(this.times.peek()).set(socket, ms);
    } catch {
      // No answer tells nothing: what was measured before stands.
    }
  }
}

/** Returns the milliseconds until the answer. Throws if there is none, or one that is an error. */
async function roundTrip(url: URL, origin: string, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  const response = await fetch(url, {
    cache: 'no-store',
    credentials: 'omit',
    mode: url.origin === origin ? 'same-origin' : 'no-cors', // unreadable, but timed
    signal,
  });
  const took = performance.now() - began;
  if (!response.ok && response.type !== 'opaque') throw new Error(`${url} answers ${response.status}`);
  await response.text(); // lets the next request have the connection
  return took;
}
