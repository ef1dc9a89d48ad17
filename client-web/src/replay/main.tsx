// The replay page, /replay and /replay/<id>: it loads the core and the drawing as the game does, and a
// viewer in place of a session. Loaded only there.

import { render } from 'preact';
import { touchFirst } from '../input/touchfirst';
import { rendererChoice, replayAddress } from '../ui';
import type { LoadProgress } from '../wasmcore';
import { WasmCore } from '../wasmcore';
import { Choose } from './Choose';
import { Unplayable } from './core';
import { exposeReplayFacts } from './hooks';
import { listenToKeys } from './keys';
import { chosen, fetched, lastOf } from './load';
import { show } from './state';
import type { Viewer } from './viewer';
import { Watching } from './Watching';
import '../style/replay.css';

const touch = touchFirst();
let viewer: Viewer | undefined;

function Page({ open }: { open: (file: File) => void }) {
  return show.about.value && viewer ? <Watching viewer={viewer} touch={touch} /> : <Choose open={open} />;
}

/** The viewer, once: the core, the drawing and what joins them. */
async function makeViewer(host: HTMLElement, progress: LoadProgress): Promise<Viewer> {
  const drawing = async () => {
    const [{ Stage }, parts] = await Promise.all([
      import('../render/stage'),
      import('./viewer'),
      document.fonts.load('600 12px "Oxanium Variable"'),
    ]);
    return { stage: await Stage.create(host, rendererChoice), ...parts };
  };
  const [core, { stage, Viewer }] = await Promise.all([WasmCore.load(progress), drawing()]);
  const made = new Viewer(core, stage, host);
  listenToKeys(made);
  exposeReplayFacts(made);
  return made;
}

const sentence = (problem: unknown) =>
  problem instanceof Error && problem.message ? problem.message : 'The replay could not be opened.';

/** Shows the page. `id` names a replay of this server's, "" none. */
export function showReplays(mount: HTMLElement, host: HTMLElement, id: string): void {
  let parts: Promise<Viewer> | undefined;
  const play = async (what: string, file: (progress: (share: number) => void) => Promise<Uint8Array>) => {
    show.trouble.value = '';
    show.loading.value = what;
    show.loaded.value = 0;
    const shares = { core: 0, file: 0 };
    const tell = (part: Partial<typeof shares>) => {
      Object.assign(shares, part);
      show.loaded.value = (shares.core + shares.file) / 2;
    };
    try {
      parts ??= makeViewer(host, (bytes, total) => tell({ core: total > 0 ? bytes / total : 0 }));
      const [v, bytes] = await Promise.all([parts, file((share) => tell({ file: share }))]);
      viewer = v;
      v.open(bytes);
      document.title = `${show.about.peek()?.title} · Hindsight`;
    } catch (problem) {
      console.warn('hindsight:', problem instanceof Unplayable ? problem.details : problem);
      show.trouble.value = sentence(problem);
    }
    show.loading.value = '';
  };
  const open = (file: File) => {
    history.replaceState(null, '', '/replay');
    void play(`Opening ${file.name}…`, () => chosen(file));
  };
  addEventListener('dragover', (e) => e.preventDefault());
  addEventListener('drop', (e) => {
    e.preventDefault();
    const file = e.dataTransfer?.files[0];
    if (file) open(file);
  });
  mount.replaceChildren();
  render(<Page open={open} />, mount);
  const room = new URLSearchParams(location.search).get('room') ?? '';
  if (id !== '') void play('Fetching the replay…', (progress) => fetched(id, progress));
  else if (room !== '') {
    void play('The recording is ready when the next match begins…', async (progress) => {
      const last = await lastOf(room);
      history.replaceState(null, '', replayAddress(last));
      return fetched(last, progress);
    });
  }
}
