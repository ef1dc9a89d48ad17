// The page: shows the first screen at once, loads the game behind it, and hands over.

import { effect } from '@preact/signals';
import { render } from 'preact';
import type { App } from './app';
import { milestone } from './cost';
import { Hud } from './hud/Hud';
import { hud } from './hud/state';
import { touchFirst } from './input/touchfirst';
import type { LinkState } from './link';
import { lobby } from './lobby/here';
import type { Wish } from './lobby/lobby';
import { css, palettes } from './render/palette';
import { GameMenu } from './screens/GameMenu';
import { AccountSheet } from './screens/lobby/AccountSheet';
import { CreateRoom } from './screens/lobby/CreateRoom';
import { QueueStrip } from './screens/lobby/MatchTab';
import { PasswordSheet } from './screens/lobby/PasswordSheet';
import { SettingsSheet } from './screens/Settings';
import { Start } from './screens/Start';
import { settings } from './settings';
import { unlockSound } from './sound';
import { addressOf, rendererChoice, shareLink, ui } from './ui';
import { WasmCore } from './wasmcore';

/** protocol.CloseVersion. */
const wrongVersion = 4426;

let app: App | undefined;
milestone('script');
const touch = touchFirst();

/** What the first screen has to say. A missing password is asked for instead. */
function noticeOf(link: LinkState): string {
  if (link.phase !== 'stopped') return ui.trouble.value;
  return link.refusal === 'wrong_password' ? '' : link.text;
}

const closeOverlay = () => {
  ui.overlay.value = '';
};
const openSettings = () => {
  ui.overlay.value = 'settings';
};
const play = (wish: Wish) => app?.play(wish);

/** What lies over the page, one at a time. */
function Overlay() {
  switch (ui.overlay.value) {
    case 'settings':
      return <SettingsSheet close={closeOverlay} />;
    case 'create':
      return <CreateRoom play={play} close={closeOverlay} />;
    case 'account':
      return <AccountSheet close={closeOverlay} />;
    case 'password':
      return <PasswordSheet play={play} close={closeOverlay} />;
    default:
      return null;
  }
}

function Page() {
  const link = ui.link.value;
  const inGame = app !== undefined && (link.phase === 'live' || link.phase === 'retrying');
  return (
    <>
      {inGame && app ? (
        <>
          <Hud link={link} touch={touch} wishes={app.wishes} simulator={app.simulator} />
          <div class="queueOver">
            <QueueStrip />
          </div>
        </>
      ) : (
        <Start
          loading={ui.loading.value}
          joining={link.phase === 'joining'}
          room={ui.room.value}
          notice={noticeOf(link)}
          outdated={
            link.phase === 'stopped' && (link.code === wrongVersion || link.refusal === 'wrong_version')
          }
          touch={touch}
          play={play}
          anyRoom={() => {
            ui.room.value = '';
            history.replaceState(null, '', addressOf(''));
          }}
          openSettings={openSettings}
        />
      )}
      {inGame && hud.menuOpen.value && (
        <GameMenu
          link={shareLink(hud.roomId.value)}
          close={() => {
            hud.menuOpen.value = false;
          }}
          openSettings={openSettings}
          leave={() => app?.leave()}
        />
      )}
      <Overlay />
    </>
  );
}

/** Puts the chosen looks on the page. */
effect(() => {
  const s = settings.value;
  const root = document.documentElement;
  const p = palettes[s.palette];
  root.classList.toggle('still', s.reducedMotion);
  root.style.setProperty('--text', String(s.textScale));
  root.style.setProperty('--accent', css(p.own));
  root.style.setProperty('--danger', css(p.danger));
  root.style.setProperty('--good', css(p.good));
  root.style.setProperty('--red', css(p.red));
  root.style.setProperty('--blue', css(p.blue));
});

async function load(): Promise<void> {
  const host = document.getElementById('stage');
  if (!host) throw new Error('the page has no stage');
  const progress = (bytes: number, total: number) => {
    ui.loading.value = { ...ui.loading.peek(), bytes, total: Math.max(bytes, total) };
  };
  const drawing = async () => {
    const [{ Stage }, { App }, { exposeFacts }] = await Promise.all([
      import('./render/stage'),
      import('./app'),
      import('./hooks'),
      document.fonts.load('600 12px "Oxanium Variable"'),
    ]);
    const stage = await Stage.create(host, rendererChoice);
    milestone('stage');
    return { stage, App, exposeFacts };
  };
  const [core, { stage, App, exposeFacts }] = await Promise.all([WasmCore.load(progress), drawing()]);
  app = new App(core, stage, host);
  exposeFacts(app, core, stage.rendererName);
  ui.loading.value = { ...ui.loading.peek(), ready: true };
  milestone('ready');
  app.resume();
}

/** Does what the address asks of the lobby: a party's invitation, a sign-in that comes back. */
async function answerAddress(): Promise<void> {
  const [, query] = /^#oidc\?(.*)$/.exec(location.hash) ?? [];
  const party = ui.partyCode.peek();
  history.replaceState(null, '', addressOf(ui.room.peek()));
  try {
    if (query !== undefined) await lobby.identity.fromSite(query);
    if (party !== '') await lobby.party.join(party);
  } catch (problem) {
    if (problem instanceof Error) ui.trouble.value = problem.message;
  }
}

function showGame(mount: HTMLElement): void {
  mount.replaceChildren();
  render(<Page />, mount);
  lobby.start();
  void answerAddress();
  load().catch((problem: unknown) => {
    console.error(problem);
    const error = problem instanceof Error ? problem.message : 'The game could not be loaded.';
    ui.loading.value = { ...ui.loading.peek(), error };
  });
}

const mount = document.getElementById('app');
const stage = document.getElementById('stage');
const [, replay] = /^\/replay(?:\/([^/]*))?\/?$/.exec(location.pathname) ?? [null, null];
if (mount && stage && replay !== null) {
  void import('./replay/main').then((r) => r.showReplays(mount, stage, decodeURIComponent(replay ?? '')));
} else if (mount) showGame(mount);
for (const gesture of ['pointerdown', 'keydown'] as const) {
  addEventListener(gesture, () => void unlockSound(), { passive: true });
}
