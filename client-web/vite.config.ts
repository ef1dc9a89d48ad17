/// <reference types="vitest/config" />
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

// The Go server that `npm run dev` talks to; the built page is served by the server itself.
const server = process.env.HINDSIGHT_URL ?? 'http://localhost:8080';

// The progress bar counts bytes of the WASM as they come out of the browser's decompression, which
// no header tells; so their number is built in.
const wasm = statSync(new URL('./public/hindsight.wasm', import.meta.url), { throwIfNoEntry: false });

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Modules of Pixi's that the page has its own of, for their size or for the time they take to start.
const pixi = {
  './browserAll.mjs': file('src/render/pixi/needed.ts'),
  './webworkerAll.mjs': file('src/render/pixi/needed.ts'),
  './canUseNewCanvasBlendModes.mjs': file('src/render/pixi/blendmodes.ts'),
  './getMaxFragmentPrecision.mjs': file('src/render/pixi/precision.ts'),
};

/**
 * Makes lists of shapes out of Lucide's files, [element, attributes] each, so that the page need not make
 * markup of text for its icons. What its server's policy forbids it cannot do by mistake.
 */
function outlines(): Plugin {
  const wanted = '.svg?outline';
  return {
    name: 'outlines',
    enforce: 'pre',
    async resolveId(id, importer) {
      if (!id.endsWith(wanted)) return null;
      const found = await this.resolve(id.slice(0, -'?outline'.length), importer, { skipSelf: true });
      return found && `${found.id}?outline`;
    },
    load(id) {
      if (!id.endsWith(wanted)) return null;
      const [, inside] =
        /<svg[^>]*>(.*)<\/svg>/s.exec(readFileSync(id.slice(0, -'?outline'.length), 'utf8')) ?? [];
      const shapes = [...(inside ?? '').matchAll(/<(\w+)([^>]*)\/>/g)].map(([, element, text]) => [
        element,
        Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
      ]);
      if (shapes.length === 0) this.error(`${id} has no shapes`);
      return `export default ${JSON.stringify(shapes)}`;
    },
  };
}

/**
 * Has the page fetch at once what its scripts will ask for: the core, and the chunks of the game, which are
 * found otherwise when the first has been fetched and run.
 */
function preload(): Plugin {
  return {
    name: 'preload',
    transformIndexHtml(_html, { bundle }) {
      const chunks = Object.values(bundle ?? {}).filter((c) => c.type === 'chunk');
      const wanted = new Set<string>();
      const want = (name: string) => {
        if (wanted.has(name)) return;
        wanted.add(name);
        for (const i of chunks.find((c) => c.fileName === name)?.imports ?? []) want(i);
      };
      for (const c of chunks)
        if (/src\/(app|hooks|render\/stage)\.ts$/.test(c.facadeModuleId ?? '')) want(c.fileName);
      return [...wanted].map((name) => ({
        tag: 'link',
        injectTo: 'head',
        attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` },
      }));
    },
  };
}

/**
 * Puts compressed copies beside the built files, which the server sends as they are. To make them when it
 * starts would cost it seconds in which others play.
 */
function compress(): Plugin {
  let dist = '';
  return {
    name: 'compress',
    apply: 'build',
    configResolved(config) {
      dist = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const built = readdirSync(dist, { recursive: true, encoding: 'utf8' });
      const copies = built.flatMap((name) => {
        const path = join(dist, name);
        if (!/\.(html|js|css|wasm|svg|json|webmanifest)$/.test(name)) return [];
        const bytes = readFileSync(path);
        return [
          promisify(brotliCompress)(bytes).then((b) => writeFileSync(`${path}.br`, b)),
          promisify(gzip)(bytes, { level: 9 }).then((b) => writeFileSync(`${path}.gz`, b)),
        ];
      });
      await Promise.all(copies);
    },
  };
}

export default defineConfig({
  plugins: [outlines(), preload(), compress()],
  resolve: { alias: pixi },
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
