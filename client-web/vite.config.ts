/// <reference types="vitest/config" />
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// The Go server that `npm run dev` talks to; the built page is served by the server itself.
const server = process.env.HINDSIGHT_URL ?? 'http://localhost:8080';

// The progress bar counts bytes of the WASM as they come out of the browser's decompression, which
// no header tells; so their number is built in.
const wasm = statSync(new URL('./public/hindsight.wasm', import.meta.url), { throwIfNoEntry: false });

// Of what Pixi loads for a page, the game draws only: no pointer events, DOM elements or accessibility
// layer of Pixi's. That is what it loads for a worker, and 10 KB less.
const pixi = new URL('./node_modules/pixi.js/lib/environment-webworker/webworkerAll.mjs', import.meta.url);

export default defineConfig({
  resolve: { alias: { './browserAll.mjs': fileURLToPath(pixi) } },
  define: { __WASM_BYTES__: JSON.stringify(wasm?.size ?? 0) },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // The server's content security policy allows no inline script and no data: font.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      '/ws': { target: server, ws: true },
      '/api': { target: server },
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});
