// Requests to the lobby's HTTP interface, /api/v1. Errors carry the server's own sentence.

import { Refused } from '../link';
import { fields, text } from './fields';

const root = '/api/v1/';
const patienceMs = 12_000;

/** The server did not answer, or what answered is no lobby. */
export class Unreachable extends Error {
  constructor() {
    super('The server does not answer. Try again in a moment.');
  }
}

/** What the API needs to speak for somebody. */
export interface Credentials {
  /** A session that is good for now; `again` asks for another than the last. */
  session(again: boolean): Promise<string>;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export class Api {
  /** Who asks; set once, by who keeps the session. */
  credentials: Credentials | undefined;

  /** Asks in nobody's name. Throws Refused or Unreachable. */
  async open(method: Method, path: string, body?: unknown): Promise<unknown> {
    return answer(await send(method, path, body, {}));
  }

  /** Asks in the player's name; a session that has ended is renewed once. */
  async own(
    method: Method,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<unknown> {
    for (let again = false; ; again = true) {
      const session = await this.credentials?.session(again);
      const response = await send(method, path, body, { ...headers, Authorization: `Bearer ${session}` });
      if (response.status !== 401 || again) return answer(response);
    }
  }

  /** Opens the stream of events in the player's name. */
  async stream(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    for (let again = false; ; again = true) {
      const session = await this.credentials?.session(again);
      const response = await fetch(`${root}events`, {
        signal,
        headers: { Authorization: `Bearer ${session}`, Accept: 'text/event-stream' },
      });
      if (response.ok && response.body) return response.body;
      if (response.status !== 401 || again) await answer(response);
    }
  }
}

async function send(
  method: Method,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Response> {
  try {
    return await fetch(root + path, {
      method,
      signal: AbortSignal.timeout(patienceMs),
      headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Unreachable();
  }
}

/** Reads an answer. A refusal that is not the lobby's (a proxy's page) counts as no answer. */
async function answer(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body;
  const error = fields(fields(body).error);
  if (text(error.code) === '') throw new Unreachable();
  throw new Refused(text(error.code), text(error.text));
}

/** Makes a query string of what is not "". */
export function query(parameters: Record<string, string>): string {
  const q = new URLSearchParams(Object.entries(parameters).filter(([, v]) => v !== ''));
  return q.size > 0 ? `?${q}` : '';
}
