// One WebSocket connection, from dialling to its one and only end. What to do after the end is
// session.ts' business.

const subprotocol = 'hindsight.v1.msgpack';
const dialTimeoutMs = 8000;

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

  constructor(url: string, events: SocketEvents) {
    this.ws = new WebSocket(url, subprotocol);
    this.ws.binaryType = 'arraybuffer';
    this.dialTimer = window.setTimeout(() => this.finish(events, abnormal, ''), dialTimeoutMs);
    this.ws.onopen = () => {
      clearTimeout(this.dialTimer);
      if (!this.over) events.opened();
    };
    this.ws.onmessage = (e: MessageEvent<unknown>) => {
      if (!this.over && e.data instanceof ArrayBuffer) events.frame(e.data);
    };
    this.ws.onclose = (e) => this.finish(events, e.code, e.reason);
  }

  /** Bytes handed over but not yet sent. */
  get backlog(): number {
    return this.ws.bufferedAmount;
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

  private finish(events: SocketEvents, code: number, reason: string): void {
    if (this.over) return;
    this.drop();
    events.ended(code, reason);
  }
}

/** The address of the game socket next to this page. */
export function socketURL(page: Location): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/ws`;
}
