// Everything over the picture of a replay.

import { Feed } from '../hud/Feed';
import { Glyph, Icon } from '../hud/icons';
import { Scoreboard } from '../hud/Scoreboard';
import { hud, type ScoreRow } from '../hud/state';
import { TopBar } from '../hud/TopBar';
import { Vitals } from '../hud/Vitals';
import { css, weaponColours } from '../render/palette';
import { Controls } from './Controls';
import { keys } from './keys';
import { show } from './state';
import type { Viewer } from './viewer';

function Players({ viewer }: { viewer: Viewer }) {
  if (!show.playersOpen.value) return null;
  const chosen = hud.freeCamera.value ? 0 : hud.following.value;
  const rows = hud.teams.value
    ? [...hud.rows.value].sort((a, b) => a.team - b.team || b.points - a.points)
    : hud.rows.value;
  return (
    <section class="replayPlayers panel" aria-label="Players">
      <ol>
        {rows.map((r) => (
          <PlayerRow key={r.player} row={r} chosen={r.player === chosen} viewer={viewer} />
        ))}
      </ol>
    </section>
  );
}

function PlayerRow({ row, chosen, viewer }: { row: ScoreRow; chosen: boolean; viewer: Viewer }) {
  return (
    <li>
      <button
        type="button"
        aria-pressed={chosen}
        title={`Follow ${row.name}`}
        onClick={(e) => {
          viewer.view.spectator.follow(row.player);
          if (e.detail > 0) e.currentTarget.blur();
        }}
      >
        <i class="shape" data-team={row.team} style={{ background: row.colour }} />
        <span class="who">{row.name}</span>
        <b>{row.points}</b>
        <small>
          <span class="visually-hidden">points, </span>
          {row.kills}
          <span aria-hidden="true"> / </span>
          <span class="visually-hidden"> kills, </span>
          {row.deaths}
          <span class="visually-hidden"> deaths</span>
        </small>
      </button>
    </li>
  );
}

/** What the followed player has: life and the weapon in hand. */
function Condition() {
  if (hud.freeCamera.value || hud.following.value === 0) return null;
  const weapon = hud.slots.value.find((s) => s.id === hud.weapon.value);
  return (
    <>
      <Vitals />
      {weapon && (
        <div class="ammo" style={{ color: css(weaponColours[weapon.name] ?? 0xffffff) }}>
          <span class="ammoNumber">{weapon.ammo < 0 ? '∞' : weapon.ammo}</span>
          <span class="ammoName">
            <Glyph name={weapon.name} /> {weapon.name}
          </span>
        </div>
      )}
    </>
  );
}

function Keys() {
  if (!show.keysOpen.value) return null;
  return (
    <section class="replayKeys panel" aria-label="Keys">
      <dl>
        {keys.map((k) => (
          <div key={k.keys}>
            <dt>
              <kbd>{k.keys}</kbd>
            </dt>
            <dd>{k.does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Said() {
  const about = show.about.value;
  const cut = about && !about.whole && show.tick.value >= about.length;
  if (show.trouble.value || cut) {
    return (
      <p class="banner" role="alert">
        {show.trouble.value || 'The recording was cut off here.'}
      </p>
    );
  }
  if (show.differs.value) {
    return (
      <p class="banner differs" role="status">
        Not what was played: another version of the game recorded this. Its own server shows it right.
      </p>
    );
  }
  return hud.announce.value ? (
    <p class="banner announce" key={hud.announce.value}>
      {hud.announce.value}
    </p>
  ) : null;
}

export function Watching({ viewer, touch }: { viewer: Viewer; touch: boolean }) {
  return (
    <main class="hud replay" data-touch={touch ? '' : undefined} data-watching="">
      <TopBar />
      <Feed />
      <Players viewer={viewer} />
      <Condition />
      <Said />
      <Scoreboard />
      <Keys />
      <div class="corner replayHead">
        <a class="iconButton" href="/replay" aria-label="All replays" title="All replays">
          <Icon name="chevronLeft" />
        </a>
        <h1>{show.about.value?.title}</h1>
      </div>
      <Controls viewer={viewer} touch={touch} />
    </main>
  );
}
