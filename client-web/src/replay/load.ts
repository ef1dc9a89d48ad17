// Where replays come from: this server, or a file of the visitor's.

import { type Fields, fields, list, number, text, texts, time } from '../lobby/fields';

/** No replay is nearly as large: ten minutes take less than a megabyte. */
const largest = 64 << 20;
const root = '/api/v1/replays';
const silent = 'The server does not answer. Try again in a moment.';

export interface Listed {
  id: string;
  room: string;
  title: string;
  /** Milliseconds since 1970, 0 if unknown. */
  began: number;
  seconds: number;
  people: string[];
  bots: number;
}

const gone = 'There is no such replay here. The link may be mistyped, or it was deleted by now.';

async function ask(path: string): Promise<Response> {
  return fetch(path).catch(() => {
    throw new Error(silent);
  });
}

/** Why there is no answer, in the server's own words if it has any. */
async function refusal(response: Response): Promise<Error> {
  const said = text(fields(fields(await response.json().catch(() => null)).error).text);
  return new Error(response.status === 404 ? gone : said || silent);
}

const readListed = (r: Fields): Listed | null =>
  text(r.id) === ''
    ? null
    : {
        id: text(r.id),
        room: text(r.room),
        title: text(r.title),
        began: time(r.began),
        seconds: number(r.lengthSec),
        people: texts(r.people),
        bots: number(r.bots),
      };

/** The replays that this server offers, newest first, and what its clock says; it offers none without a lobby. */
async function look(): Promise<{ replays: Listed[]; now: number }> {
  const response = await ask(`${root}?limit=100`);
  const now = Date.parse(response.headers.get('Date') ?? '') || Date.now();
  if (response.status === 404) return { replays: [], now };
  if (!response.ok) throw await refusal(response);
  const answer: unknown = await response.json();
  return { replays: list(fields(answer).replays, readListed), now };
}

export const listed = async (): Promise<Listed[]> => (await look()).replays;

/** How long ago a match may have ended that is still meant by "the one that ends now". */
const justNowMs = 5000;
const lookEveryMs = 1500;
const patienceMs = 90_000;

/** Waits for the replay of the match that is ending in a room: it is whole when the next one begins. */
export async function lastOf(room: string): Promise<string> {
  let since = 0;
  for (const until = Date.now() + patienceMs; Date.now() < until; ) {
    const { replays, now } = await look();
    since ||= now - justNowMs;
    const found = replays.find((r) => r.room === room && r.began + r.seconds * 1000 >= since);
    if (found) return found.id;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  throw new Error('The match is not on the list yet. It may be played on, or it was not recorded.');
}

/** Gets a replay of this server's, telling how much of it has come, 0 to 1. */
export async function fetched(id: string, progress: (share: number) => void): Promise<Uint8Array> {
  const response = await ask(`${root}/${encodeURIComponent(id)}`);
  if (!response.ok) throw await refusal(response);
  const whole = Number(response.headers.get('Content-Length')) || 1 << 20;
  const parts: Uint8Array[] = [];
  let n = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    parts.push(part.value);
    n += part.value.length;
    if (n > largest) throw new Error('This file is too large to be a replay.');
    progress(Math.min(1, n / whole));
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

/** Reads a file that was chosen or dropped. */
export async function chosen(file: File): Promise<Uint8Array> {
  if (file.size > largest) throw new Error('This file is too large to be a replay.');
  return new Uint8Array(await file.arrayBuffer());
}
