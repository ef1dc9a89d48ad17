// What the page as a whole is showing. The parts of the page read these; main.tsx and app.ts write
// them.

import { signal } from '@preact/signals';
import { idle, type LinkState } from './link';
import type { Wish } from './lobby/lobby';
import type { Loading } from './screens/Start';

const parameters = new URLSearchParams(location.search);

/** The parts of the lobby page. */
export const tabs = ['rooms', 'match', 'party', 'chat', 'ranks', 'profile'] as const;
export type Tab = (typeof tabs)[number];

/** What lies over the page. */
export type Overlay = '' | 'settings' | 'create' | 'account' | 'password';

export const ui = {
  loading: signal<Loading>({ bytes: 0, total: __WASM_BYTES__, ready: false, error: '' }),
  link: signal<LinkState>(idle),
  /** The wanted room, "" for any. */
  room: signal(parameters.get('room') ?? ''),
  /** What was last asked for, for another try. */
  wish: signal<Wish>({ room: '' }),
  /** The party of an invitation, "" for none. */
  partyCode: signal(parameters.get('party') ?? ''),
  tab: signal<Tab>(parameters.has('party') ? 'party' : 'rooms'),
  overlay: signal<Overlay>(''),
  /** Something that went wrong and has no better place. */
  trouble: signal(''),
};

/** Drawing without WebGL, for old machines and for tests. */
export const rendererChoice = parameters.get('renderer') === 'canvas' ? 'canvas' : 'webgl';

/** Whether to measure all the time what a frame costs, for scripts that ask for it. */
export const measuring = parameters.has('measure');

/** The address of this page with that room in it. */
export function addressOf(room: string): string {
  const url = new URL(location.href);
  if (room) url.searchParams.set('room', room);
  else url.searchParams.delete('room');
  url.searchParams.delete('party');
  url.hash = '';
  return url.href;
}

/** A link to the room, for friends: nothing of one's own choices in it. */
export function shareLink(room: string): string {
  return `${location.origin}${location.pathname}?room=${encodeURIComponent(room)}`;
}

/** Where a replay of this server's is watched. */
export const replayAddress = (id: string): string => `/replay/${encodeURIComponent(id)}`;

/** Where the match that ends in a room can be watched, once its recording is whole. */
export const lastReplayAddress = (room: string): string => `/replay?room=${encodeURIComponent(room)}`;

/** A link into the party. */
export function partyLink(code: string): string {
  return `${location.origin}${location.pathname}?party=${encodeURIComponent(code)}`;
}
