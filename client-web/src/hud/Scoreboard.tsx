// The whole table: held open with a key, and at the end of a match.

import { Icon } from './icons';
import { hud, type ScoreRow } from './state';
import { WatchAgain } from './WatchAgain';

const statusWords = ['', 'lagging', 'away', 'reconnecting'];

function Rows({ rows }: { rows: readonly ScoreRow[] }) {
  return (
    <tbody>
      {rows.map((r) => (
        <tr key={r.player} data-me={r.me ? '' : undefined} data-team={r.team}>
          <th scope="row">
            <i class="shape" data-team={r.team} style={{ background: r.colour }} />
            <span class="who">{r.name}</span>
            {r.bot && <small>bot</small>}
            {r.status > 0 && <small class="bad">{statusWords[r.status]}</small>}
          </th>
          <td>{r.points}</td>
          <td>{r.kills}</td>
          <td>{r.assists}</td>
          <td>{r.deaths}</td>
        </tr>
      ))}
    </tbody>
  );
}

export function Scoreboard() {
  const final = hud.phase.value === 'intermission';
  if (!final && !hud.scoreboardOpen.value) return null;
  const rows = hud.teams.value
    ? [...hud.rows.value].sort((a, b) => a.team - b.team || b.points - a.points)
    : hud.rows.value;
  return (
    <section class="board panel" aria-label="Scoreboard">
      {final && (
        <p class="winner" aria-live="assertive">
          <Icon name="trophy" /> {hud.winner.value || 'Match over'}
        </p>
      )}
      <p class="boardTitle">
        {hud.title.value}
        {final && !hud.recorded.value && <span> · next match in {hud.secondsLeft.value} s</span>}
      </p>
      <div class="boardScroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Player</th>
              <th scope="col">Points</th>
              <th scope="col">Kills</th>
              <th scope="col">Assists</th>
              <th scope="col">Deaths</th>
            </tr>
          </thead>
          <Rows rows={rows} />
        </table>
      </div>
      {final && !hud.recorded.value && <WatchAgain />}
    </section>
  );
}
