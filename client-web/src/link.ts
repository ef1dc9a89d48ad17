// The connection as the page shows it, and what opens one.

export type Phase =
  /** No connection is wanted. */
  | 'off'
  /** Asking for a pass, or dialling for the first time. */
  | 'joining'
  | 'live'
  /** Lost; the next try comes at `retryAt`, or is under way if that is past. */
  | 'retrying'
  /** Refused or given up; `text` says why and the player decides. */
  | 'stopped';

export interface LinkState {
  phase: Phase;
  /** Tries in a row since the line was lost. */
  attempt: number;
  /** performance.now() of the next try. */
  retryAt: number;
  /** A sentence for the player. */
  text: string;
  /** A close code, 0 if no connection was closed. */
  code: number;
  /** The lobby's word for why there is no pass, or "". */
  refusal: string;
}

/** What opens a seat. Without a ticket one walks in. */
export interface Pass {
  room: string;
  ticket: string;
  /** Of the game socket, "" for the one next to this page. */
  url: string;
  watch: boolean;
}

/** Why there is no pass: a word for programs and a sentence for people. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    text: string,
  ) {
    super(text);
  }
}

/** Gets a pass; throws Refused. Called again when a seat was lost for good. */
export type Admission = () => Promise<Pass>;

/** No connection. */
export const idle: LinkState = { phase: 'off', attempt: 0, retryAt: 0, text: '', code: 0, refusal: '' };
