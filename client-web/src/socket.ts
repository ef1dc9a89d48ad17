// One WebSocket connection, from dialling to its one and only end. What to do after the end is
// session.ts' business.

const subprotocol = 'hindsight.v1.msgpack';

/** The code of an end that the network, not the server, brought about. */
export const abnormal = 1006;

export interface SocketEvents {
  opened(): void;
  frame(bytes: ArrayBuffer): void;
  /** Called exactly once, last, unless `drop` was called. */
  ended(code: number, reason: string): void;
}

export class Socket {
  private readonly ws: WebSocket;
  private readonly dialTimer: number;
  private over = false;

  /** Dials; an address that does not answer within `patience` milliseconds ends the connection. */
  constructor(
    url: string,
    patience: number,
    private events: SocketEvents,
  ) {
    this.ws = new WebSocket(url, subprotocol);
    this.ws.binaryType = 'arraybuffer';
    this.dialTimer = window.setTimeout(() => this.finish(abnormal, ''), patience);
    this.ws.onopen = () => {
      clearTimeout(this.dialTimer);
      if (!this.over) this.events.opened();
    };
    this.ws.onmessage = (e: MessageEvent<unknown>) => {
      if (!this.over && e.data instanceof ArrayBuffer) this.events.frame(e.data);
    };
    this.ws.onclose = (e) => this.finish(e.code, e.reason);
  }

  /** Bytes handed over but not yet sent. */
  get backlog(): number {
    return this.ws.bufferedAmount;
  }

  /** Gives the connection to another owner. */
  handTo(events: SocketEvents): void {
    this.events = events;
  }

  send(frame: Uint8Array): void {
    // The browser copies the bytes before send returns, so a view of WASM memory is safe to pass.
    if (this.ws.readyState === WebSocket.OPEN) this.ws.send(frame as Uint8Array<ArrayBuffer>);
  }

  /** Ends the connection without another word to its owner. */
  drop(code = 1000): void {
    this.over = true;
    clearTimeout(this.dialTimer);
    this.ws.close(code);
  }

  private finish(code: number, reason: string): void {
    if (this.over) return;
    this.drop();
    this.events.ended(code, reason);
  }
}

/** The address of the game socket next to this page. */
export function socketURL(page: Pick<Location, 'protocol' | 'host'>): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/ws`;
}
