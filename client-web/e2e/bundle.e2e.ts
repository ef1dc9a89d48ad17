// What a first visit may weigh: all scripts, styles and the WASM, as the server sends them.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const dist = join(import.meta.dirname, '../dist');
const budget = 1_100_000;

it('fits into 1.1 MB with brotli', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((f) =>
    /\.(js|css|wasm)\.br$/.test(f),
  );
  expect(files).toContain('hindsight.wasm.br');
  const sizes = files.map((f): [string, number] => [f, statSync(join(dist, f)).size]);
  const all = sizes.reduce((sum, [, n]) => sum + n, 0);
  const list = sizes.sort((a, b) => b[1] - a[1]).map(([f, n]) => `${n} ${f}`);
  expect(all, list.join('\n')).toBeLessThan(budget);
});
