// One WebSocket connection, from dialling to its one and only end. How long it may take and what to do
// after the end is the core's business.

const subprotocol = 'hindsight.v1.msgpack';

export interface SocketEvents {
  opened(): void;
  frame(bytes: ArrayBuffer): void;
  /** Called exactly once, last, unless `drop` was called. */
  ended(code: number, reason: string): void;
}

export class Socket {
  private readonly ws: WebSocket;
  private over = false;

  constructor(
    url: string,
    private readonly events: SocketEvents,
  ) {
    this.ws = new WebSocket(url, subprotocol);
    this.ws.binaryType = 'arraybuffer';
    this.ws.onopen = () => {
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

  send(frame: Uint8Array): void {
    // The browser copies the bytes before send returns, so a view of WASM memory is safe to pass.
    if (this.ws.readyState === WebSocket.OPEN) this.ws.send(frame as Uint8Array<ArrayBuffer>);
  }

  /** Ends the connection without another word to its owner. */
  drop(code = 1000): void {
    this.over = true;
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
