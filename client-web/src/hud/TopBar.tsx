// Time, phase and score, top middle.

import { hud, type ScoreRow } from './state';

export const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

function Alone({ rows }: { rows: readonly ScoreRow[] }) {
  const mine = rows.findIndex((r) => r.me);
  const best = rows.find((r, i) => (mine < 0 ? i === 1 : !r.me));
  return (
    <>
      {mine >= 0 ? (
        <div class="side mine">
          <small>{mine < 10 || rows.length >= hud.people.value.length ? ordinal(mine + 1) : 'You'}</small>
          <b>{rows[mine].points}</b>
        </div>
      ) : (
        <div class="side">
          <small class="who">{rows[0]?.name ?? ''}</small>
          <b>{rows[0]?.points ?? 0}</b>
        </div>
      )}
      <Time />
      <div class="side">
        <b>{best?.points ?? 0}</b>
        <small class="who">{best?.name ?? 'nobody'}</small>
      </div>
    </>
  );
}

function Time() {
  const phase = hud.phase.value;
  return (
    <div class="time" data-soon={phase === 'live' && hud.secondsLeft.value <= 30 ? '' : undefined}>
      <b role="timer">{clock(hud.secondsLeft.value)}</b>
      <small>
        {phase === 'warmup'
          ? 'Warm-up'
          : phase === 'live' && hud.limit.value > 0
            ? `to ${hud.limit.value}`
            : ''}
      </small>
    </div>
  );
}

export function TopBar() {
  return (
    <div class="top panel">
      {hud.teams.value ? (
        <>
          <div class="side red" data-mine={hud.myTeam.value === 1 ? '' : undefined}>
            <small>Red</small>
            <b>{hud.red.value}</b>
          </div>
          <Time />
          <div class="side blue" data-mine={hud.myTeam.value === 2 ? '' : undefined}>
            <b>{hud.blue.value}</b>
            <small>Blue</small>
          </div>
        </>
      ) : (
        <Alone rows={hud.rows.value} />
      )}
    </div>
  );
}

function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}
