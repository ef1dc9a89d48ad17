// A line that can be cut: a TCP proxy between the browser and the server.

import { connect, createServer, type Server, type Socket } from 'node:net';

export class Line {
  private readonly pairs = new Set<Socket>();
  private refusing = false;

  private constructor(
    private readonly server: Server,
    readonly url: URL,
  ) {}

  static async to(target: URL): Promise<Line> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (!address || typeof address !== 'object') throw new Error('the proxy has no address');
    const line = new Line(server, new URL(`http://127.0.0.1:${address.port}/`));
    server.on('connection', (near) => line.join(near, target));
    return line;
  }

  private join(near: Socket, target: URL): void {
    if (this.refusing) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.pipe(far);
    far.pipe(near);
    for (const s of [near, far]) {
      this.pairs.add(s);
      s.on('error', () => s.destroy());
      s.on('close', () => {
        this.pairs.delete(s);
        near.destroy();
        far.destroy();
      });
    }
  }

  /** Cuts every connection and lets none through until `mend`. */
  cut(): void {
    this.refusing = true;
    for (const s of this.pairs) s.destroy();
  }

  /** Lets nothing more through on the connections there are; new ones work. */
  stall(): void {
    for (const s of this.pairs) {
      s.unpipe();
      s.pause();
    }
  }

  mend(): void {
    this.refusing = false;
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
