// The own profile: name, account, ratings, what was played.

import { useSignal } from '@preact/signals';
import { Icon } from '../../hud/icons';
import type { Played, Rating } from '../../lobby/answers';
import { lobby } from '../../lobby/here';
import { cleanName } from '../../names';
import { change as changeSettings } from '../../settings';
import { replayAddress, ui } from '../../ui';
import { Problem, useAnswer, useWork } from './asking';
import { RatingCurve } from './RatingCurve';
import { change, modeTitled, percent, rated, titled, when } from './words';

function Name() {
  const me = lobby.identity.me.value;
  const typed = useSignal(me?.name ?? '');
  const work = useWork();
  if (!me) return null;
  return (
    <>
      <form
        class="joinBy"
        onSubmit={(e) => {
          e.preventDefault();
          const name = cleanName(typed.value);
          if (name === '') return;
          void work.run(async () => {
            typed.value = await lobby.identity.rename(name);
            changeSettings({ name: typed.value });
          });
        }}
      >
        <input
          class="textInput small"
          aria-label="Player name"
          maxLength={40}
          autocomplete="nickname"
          spellcheck={false}
          value={typed.value}
          onInput={(e) => {
            typed.value = e.currentTarget.value;
          }}
        />
        <button
          type="submit"
          class="button"
          disabled={work.busy.value || cleanName(typed.value) === '' || cleanName(typed.value) === me.name}
        >
          Rename
        </button>
      </form>
      <div class="toolRow">
        <p class="hint" role="status">
          Shown as <b>{me.name}</b>
          <small class="tag">#{String(me.tag).padStart(4, '0')}</small>
          {me.guest ? ', a guest on this device' : ', with an account'}
        </p>
        <button
          type="button"
          class="button"
          onClick={() => {
            ui.overlay.value = 'account';
          }}
        >
          <Icon name="logIn" /> {me.guest ? 'Account' : 'Log out'}
        </button>
      </div>
      <Problem text={work.error.value} />
    </>
  );
}

function Ratings({ ratings }: { ratings: readonly Rating[] }) {
  return (
    <ul class="figures">
      {ratings.map((r) => (
        <li key={r.mode}>
          <b>{rated(r.rating)}</b>
          <span>{modeTitled(r.mode)}</span>
          <small>
            {r.wins} of {r.matches} won
          </small>
        </li>
      ))}
    </ul>
  );
}

function History({ matches }: { matches: readonly Played[] }) {
  return (
    <div class="tableScroll">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Match</th>
            <th scope="col">Place</th>
            <th scope="col">Score</th>
            <th scope="col">K / D</th>
            <th scope="col">Accuracy</th>
            <th scope="col">Rating</th>
            <th scope="col">
              <span class="visually-hidden">Replay</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {matches.map((m) => (
            <tr key={m.id}>
              <th scope="row">
                <span class="who">
                  {titled(m.map)} · {modeTitled(m.mode)}
                </span>
                <small>{when(m.ended)}</small>
              </th>
              <td>
                {m.place} of {m.seats}
              </td>
              <td>{m.score}</td>
              <td>
                {m.kills} / {m.deaths}
              </td>
              <td>{percent(m.hits, m.shots)}</td>
              <td data-up={m.change !== null && m.change > 0 ? '' : undefined}>
                {m.change === null ? '–' : change(m.change)}
              </td>
              <td>
                {m.replay && (
                  <a
                    class="iconButton"
                    href={replayAddress(m.replay)}
                    aria-label="Watch again"
                    title="Watch again"
                  >
                    <Icon name="video" />
                  </a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function ProfileTab() {
  const id = lobby.identity.me.value?.id ?? '';
  const past = useAnswer(id, async () => {
    if (id === '') return { matches: [], ratings: [] };
    const [matches, ratings] = await Promise.all([lobby.history(id), lobby.ratings(id)]);
    return { matches, ratings };
  });
  const matches = past.value?.matches ?? [];
  return (
    <>
      <Name key={id} />
      <Problem text={past.error} again={past.again} />
      {past.value && past.value.ratings.length > 0 && <Ratings ratings={past.value.ratings} />}
      <RatingCurve matches={matches} />
      {past.value && matches.length === 0 && <p class="empty">No matches yet. They appear when they end.</p>}
      {matches.length > 0 && <History matches={matches} />}
    </>
  );
}
