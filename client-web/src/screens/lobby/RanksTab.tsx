// Who plays best: of all time, of this season, of this week.

import { useSignal } from '@preact/signals';
import type { BoardRow } from '../../lobby/answers';
import { lobby } from '../../lobby/here';
import { Problem, useAnswer } from './asking';
import { modeTitled, rated } from './words';

const periods = [
  { id: 'all-time', label: 'All time' },
  { id: 'season', label: 'Season' },
  { id: 'week', label: 'Week' },
] as const;

function Row({ row, period, me }: { row: BoardRow; period: string; me: string }) {
  return (
    <tr data-me={row.player === me ? '' : undefined}>
      <td>{row.place}</td>
      <th scope="row">
        <span class="who">{row.name}</span>
        <small class="tag">#{String(row.tag).padStart(4, '0')}</small>
      </th>
      <td>{period === 'all-time' ? rated(row.value) : row.value}</td>
      <td>{row.matches}</td>
    </tr>
  );
}

export function RanksTab() {
  const period = useSignal<(typeof periods)[number]['id']>('all-time');
  const chosen = useSignal('');
  const game = lobby.games.value[0];
  const modes = game?.modes ?? [];
  const mode = chosen.value || (modes[0]?.name ?? '');
  const me = lobby.identity.me.value?.id ?? '';
  const board = useAnswer(`${period.value} ${mode} ${me}`, () =>
    lobby.board(game?.name ?? '', mode, period.value, me),
  );
  const rows = board.value?.rows ?? [];
  const mine = board.value?.me;
  return (
    <>
      <div class="toolRow">
        <fieldset class="segments">
          <legend class="visually-hidden">Since when</legend>
          {periods.map((p) => (
            <label key={p.id}>
              <input
                type="radio"
                class="visually-hidden"
                name="period"
                checked={period.value === p.id}
                onChange={() => {
                  period.value = p.id;
                }}
              />
              {p.label}
            </label>
          ))}
        </fieldset>
        {modes.length > 1 && (
          <select
            class="select"
            aria-label="Mode"
            value={mode}
            onChange={(e) => {
              chosen.value = e.currentTarget.value;
            }}
          >
            {modes.map((m) => (
              <option key={m.name} value={m.name}>
                {m.title}
              </option>
            ))}
          </select>
        )}
      </div>
      <Problem text={board.error} again={board.again} />
      {board.value && rows.length === 0 && (
        <p class="empty">Nobody has finished a rated match of {modeTitled(mode)} yet. Be the first.</p>
      )}
      {rows.length > 0 && (
        <div class="tableScroll">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Place</th>
                <th scope="col">Player</th>
                <th scope="col">{period.value === 'all-time' ? 'Rating' : 'Points'}</th>
                <th scope="col">Matches</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => (
                <Row key={r.player} row={r} period={period.value} me={me} />
              ))}
              {mine && !rows.some((r) => r.player === mine.player) && (
                <Row row={mine} period={period.value} me={me} />
              )}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
