// A server to play on: the one at HINDSIGHT_URL, or the built binary started here.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestServer {
  url: URL;
  stop(): void;
}

const binary = process.env.HINDSIGHT_BIN ?? join(import.meta.dirname, '../../bin/hindsight');
const patienceMs = 20_000;

export async function startServer(): Promise<TestServer> {
  if (process.env.HINDSIGHT_URL) return { url: new URL(process.env.HINDSIGHT_URL), stop: () => undefined };
  if (!existsSync(binary)) throw new Error(`No server at ${binary}: run make build, or set HINDSIGHT_URL.`);
  const url = new URL(`http://127.0.0.1:${await freePort()}`);
  const data = mkdtempSync(join(tmpdir(), 'hindsight-e2e-'));
  const options = ['--addr', url.host, '--admin-addr', 'off', '--bots', '6', '--data-dir', data];
  const child = spawn(binary, ['serve', ...options], { stdio: 'ignore' });
  await ready(url, child);
  return {
    url,
    stop: () => {
      child.kill('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

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
