// Matchmaking: choose a mode, wait, be seated. The page stays usable meanwhile.

import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../../hud/icons';
import { lobby } from '../../lobby/here';
import { Problem, useWork } from './asking';
import { minutes, modeTitled } from './words';

/** The wait so far, ticking. */
function Waited({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <>{minutes(Math.max(0, (now - since) / 1000))}</>;
}

/** The queue as a strip, wherever one waits. */
export function QueueStrip() {
  const work = useWork();
  const queued = lobby.queue.queued.value;
  if (!queued) return null;
  return (
    <div class="queueStrip" role="status" aria-label="Matchmaking">
      <span class="spinner" aria-hidden="true" />
      <p>
        <b>Looking for a match · {modeTitled(queued.mode)}</b>
        <small>
          <span aria-hidden="true">
            <Waited since={queued.since} /> so far,{' '}
          </span>
          {queued.wait > 0 ? `about ${minutes(queued.wait)} to go` : 'any moment now'}
          {queued.waiting > 1 && ` · ${queued.waiting} waiting`}
        </small>
        <Problem text={work.error.value} />
      </p>
      <button
        type="button"
        class="button"
        disabled={work.busy.value}
        onClick={() => void work.run(() => lobby.queue.cancel())}
      >
        Cancel
      </button>
    </div>
  );
}

export function MatchTab() {
  const work = useWork();
  const game = lobby.games.value[0];
  const queued = lobby.queue.queued.value;
  const party = lobby.party.party.value;
  const follows = party !== null && party.leader !== lobby.identity.me.value?.id;
  const modes = game?.modes ?? [];
  if (modes.length === 0) return <p class="empty">This server makes no matches. Choose a room instead.</p>;
  return (
    <>
      <p class="lead">
        {follows
          ? 'Your party’s leader starts the search. Say that you are ready on the Party page.'
          : 'You are matched with people who play about as well as you. Bots fill the match if nobody else comes.'}
      </p>
      <ul class="modes">
        {modes.map((m) => (
          <li key={m.name} class="mode" data-chosen={queued?.mode === m.name ? '' : undefined}>
            <Icon name="swords" />
            <div>
              <b>{m.title}</b>
              <small>
                {m.teams > 1
                  ? `${m.teams} teams of ${Math.floor(m.players / m.teams)}`
                  : `${m.players} players`}
              </small>
            </div>
            <button
              type="button"
              class="button"
              aria-label={`Find a match: ${m.title}`}
              disabled={queued !== null || follows || work.busy.value}
              onClick={() => void work.run(() => lobby.queue.join(game.name, m.name))}
            >
              {queued?.mode === m.name ? 'Searching…' : 'Find a match'}
            </button>
          </li>
        ))}
      </ul>
      <Problem text={work.error.value} />
    </>
  );
}
