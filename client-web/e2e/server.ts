// A server to play on: the one at HINDSIGHT_URL, or the built binary started here.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestServer {
  url: URL;
  /** Ends it as a power cut does and starts it again with what it had stored. */
  restart(): Promise<void>;
  stop(): void;
}

const built = process.env.HINDSIGHT_BIN ?? join(import.meta.dirname, '../../bin/hindsight');
const patienceMs = 20_000;

/** Starts a server; `more` are further options of it. */
export async function startServer(...more: string[]): Promise<TestServer> {
  if (process.env.HINDSIGHT_URL) return another(new URL(process.env.HINDSIGHT_URL));
  return startBinary(built, ...more);
}

/** Starts that program as a server. */
export async function startBinary(binary: string, ...more: string[]): Promise<TestServer> {
  if (!existsSync(binary)) throw new Error(`No server at ${binary}: run make build, or set HINDSIGHT_URL.`);
  const url = new URL(`http://127.0.0.1:${await freePort()}`);
  const data = mkdtempSync(join(tmpdir(), 'hindsight-e2e-'));
  const maps = join(import.meta.dirname, 'maps'); // with a pit, where two see each other at once
  const options = [
    '--addr',
    url.host,
    '--admin-addr',
    'off',
    '--bots',
    '6',
    '--data-dir',
    data,
    '--maps-dir',
    maps,
    ...more,
  ];
  const start = () => spawn(binary, ['serve', ...options], { stdio: 'ignore' });
  let child = start();
  await ready(url, child);
  return {
    url,
    restart: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      child = start();
      await ready(url, child);
    },
    stop: () => {
      child.kill('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A server that somebody else looks after. */
const another = (url: URL): TestServer => ({
  url,
  restart: () => Promise.reject(new Error('not our server')),
  stop: () => undefined,
});

/** Waits until the server takes players. */
async function ready(url: URL, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server ended with code ${child.exitCode}.`);
    const ok = await fetch(new URL('/readyz', url)).then(
      (r) => r.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error('The server did not become ready.');
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
