// The lobby's stream of events (text/event-stream), read with fetch because EventSource cannot send
// the session. What was missed while it was closed is for the listener to look up again.

import type { Api } from './api';

export interface LobbyEvent {
  kind: string;
  data: unknown;
}

const firstRetryMs = 500;
const capMs = 15_000;
/** The server says something every 15 s; a stream that says nothing for longer is dead. */
const silenceMs = 40_000;

/** Cuts a text/event-stream (html.spec.whatwg.org, 9.2.6) into events, however it comes in pieces. */
export class EventReader {
  private rest = '';

  /** Takes the next piece and returns the events that are whole. */
  read(piece: string): LobbyEvent[] {
    const blocks = (this.rest + piece).replaceAll('\r\n', '\n').split('\n\n');
    this.rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      let kind = 'message';
      const data: string[] = [];
      for (const line of block.split('\n')) {
        const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (name === 'event') kind = value;
        else if (name === 'data') data.push(value);
      }
      return data.length > 0 ? [{ kind, data: parse(data.join('\n')) }] : [];
    });
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

export interface Listener {
  /** The stream is open: look at everything. */
  opened(): void;
  event(e: LobbyEvent): void;
  /** The stream is closed; it will be tried again. */
  closed(): void;
}

export class EventStream {
  private abort: AbortController | undefined;

  constructor(
    private readonly api: Api,
    private readonly listener: Listener,
  ) {}

  get running(): boolean {
    return this.abort !== undefined;
  }

  /** Opens the stream and keeps it open until `stop`. */
  start(): void {
    if (this.abort) return;
    this.abort = new AbortController();
    void this.run(this.abort.signal);
  }

  stop(): void {
    this.abort?.abort();
    this.abort = undefined;
  }

  private async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.listen(signal, () => {
          failures = 0;
        });
      } catch {
        // Refused, cut off or silent: what to do is the same.
      }
      if (signal.aborted) return;
      this.listener.closed();
      await sleep(Math.random() * Math.min(capMs, firstRetryMs * 2 ** failures) + 100, signal);
    }
  }

  private async listen(signal: AbortSignal, opened: () => void): Promise<void> {
    const own = new AbortController();
    const give = () => own.abort();
    signal.addEventListener('abort', give);
    let timer = window.setTimeout(give, silenceMs);
    try {
      const body = await this.api.stream(own.signal);
      opened();
      this.listener.opened();
      const reader = new EventReader();
      const stream = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>);
      for (const chunks = stream.getReader(); ; ) {
        const { done, value } = await chunks.read();
        if (done) return;
        clearTimeout(timer);
        timer = window.setTimeout(give, silenceMs);
        for (const e of reader.read(value)) this.listener.event(e);
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', give);
    }
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
