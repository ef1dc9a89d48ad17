// Everything over the picture while playing.

import type { LinkState } from '../link';
import type { Simulator } from '../simulator';
import { Chat } from './Chat';
import { Feed } from './Feed';
import { Icon } from './icons';
import { KillCam } from './KillCam';
import { NetGraph } from './NetGraph';
import { Scoreboard } from './Scoreboard';
import { SimulatorPanel } from './Simulator';
import { hud } from './state';
import { TopBar } from './TopBar';
import { TouchPad } from './TouchPad';
import { Trouble } from './Trouble';
import { Vitals } from './Vitals';
import { WatchBar } from './WatchBar';
import { WeaponBar } from './WeaponBar';

/** What the HUD can ask for. */
export interface HudWishes {
  choose(weapon: number): void;
  dash(): void;
  say(text: string): void;
  closeChat(): void;
  openMenu(): void;
  retry(): void;
  /** Looking on: the next player, or the one before. */
  watchNext(way: 1 | -1): void;
  freeCamera(): void;
  /** Looking on: play instead. */
  takeSeat(): void;
  leave(): void;
  sticks(left: HTMLElement, right: HTMLElement): () => void;
}

function Dead() {
  if (hud.alive.value || hud.phase.value === 'intermission' || !hud.present.value) return null;
  return (
    <div class="dead" role="status">
      <p class="deadTitle">Destroyed</p>
      {hud.killedBy.value && <p>by {hud.killedBy.value}</p>}
      <p class="deadCount">{(hud.respawnIn.value / 10).toFixed(1)}</p>
    </div>
  );
}

function Banner() {
  if (hud.phase.value === 'warmup' && hud.secondsLeft.value > 0) {
    const last = hud.secondsLeft.value <= 3;
    return (
      <div class="banner" data-last={last ? '' : undefined} role="status">
        {last ? <b key={hud.secondsLeft.value}>{hud.secondsLeft.value}</b> : 'Warm-up: nothing counts yet'}
      </div>
    );
  }
  return hud.announce.value ? (
    <div class="banner announce" role="status" key={hud.announce.value}>
      {hud.announce.value}
    </div>
  ) : null;
}

/** What only a player has. */
function Own({ wishes }: { wishes: HudWishes }) {
  const seen = hud.lookBack.value;
  if (seen) return <KillCam seen={seen} />;
  return (
    <>
      <Vitals />
      <WeaponBar choose={wishes.choose} />
      <Dead />
    </>
  );
}

export function Hud({
  link,
  touch,
  wishes,
  simulator,
}: {
  link: LinkState;
  touch: boolean;
  wishes: HudWishes;
  simulator: Simulator;
}) {
  const watching = hud.watching.value;
  return (
    <div
      class="hud"
      data-touch={touch ? '' : undefined}
      data-watching={watching ? '' : undefined}
      data-past={hud.lookBack.value ? '' : undefined}
      data-low={!watching && hud.alive.value && hud.health.value <= 30 ? '' : undefined}
    >
      {touch && !watching && <TouchPad wishes={wishes} />}
      {hud.present.value && (
        <>
          <TopBar />
          <Feed />
          {watching ? <WatchBar wishes={wishes} /> : <Own wishes={wishes} />}
          <Banner />
          <Scoreboard />
        </>
      )}
      <Chat say={wishes.say} done={wishes.closeChat} />
      {hud.graphOpen.value && <NetGraph />}
      <SimulatorPanel simulator={simulator} />
      <div class="corner">
        <button type="button" class="iconButton" aria-label="Menu" onClick={wishes.openMenu}>
          <Icon name="menu" />
        </button>
        {touch && (
          <>
            <button
              type="button"
              class="iconButton"
              aria-label="Scoreboard"
              aria-pressed={hud.scoreboardOpen.value}
              onClick={() => {
                hud.scoreboardOpen.value = !hud.scoreboardOpen.value;
              }}
            >
              <Icon name="users" />
            </button>
            <button
              type="button"
              class="iconButton"
              aria-label="Chat"
              onClick={() => {
                hud.chatOpen.value = true;
              }}
            >
              <Icon name="message" />
            </button>
          </>
        )}
      </div>
      <Trouble link={link} retry={wishes.retry} />
    </div>
  );
}
