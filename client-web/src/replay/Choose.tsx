// Which replay: those of this server, or a file.

import { useRef } from 'preact/hooks';
import { Icon } from '../hud/icons';
import { Problem, useAnswer } from '../screens/lobby/asking';
import { minutes, when } from '../screens/lobby/words';
import { replayAddress } from '../ui';
import { Mark } from './icons';
import { type Listed, listed } from './load';
import { show } from './state';

function Row({ replay }: { replay: Listed }) {
  const bots = replay.bots > 0 ? [replay.bots === 1 ? 'a bot' : `${replay.bots} bots`] : [];
  const facts = [replay.began > 0 ? when(replay.began) : '', [...replay.people, ...bots].join(', ')];
  return (
    <li>
      <a class="roomRow" href={replayAddress(replay.id)}>
        <Mark name="play" />
        <span class="roomWhat">
          <b>{replay.title || replay.id}</b>
          <small>{facts.filter((f) => f !== '').join(' · ')}</small>
        </span>
        {replay.seconds > 0 && <span class="roomPeople">{minutes(replay.seconds)}</span>}
      </a>
    </li>
  );
}

function OfThisServer() {
  const answer = useAnswer('replays', listed);
  if (answer.error) return <Problem text={answer.error} again={answer.again} />;
  if (!answer.value) return <p class="empty">Looking…</p>;
  if (answer.value.length === 0) {
    return <p class="empty">No matches are recorded here yet. They appear when they end.</p>;
  }
  return (
    <ul class="roomList replayList">
      {answer.value.map((r) => (
        <Row key={r.id} replay={r} />
      ))}
    </ul>
  );
}

function Progress() {
  return (
    <div>
      <div
        class="progress"
        role="progressbar"
        aria-label="Loading"
        aria-valuenow={Math.round(show.loaded.value * 100)}
      >
        <div style={{ transform: `scaleX(${show.loaded.value})` }} />
      </div>
      <p class="progressText">{show.loading.value}</p>
    </div>
  );
}

export function Choose({ open }: { open: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <main class="start">
      <div class="startMiddle">
        <header>
          <p class="logo small">Hindsight</p>
          <h1 class="tagline">Replays: see a match again, through anybody’s eyes</h1>
        </header>
        <section class="card panel replayCard">
          {show.trouble.value && (
            <p class="notice" role="alert">
              {show.trouble.value}
            </p>
          )}
          {show.loading.value ? (
            <Progress />
          ) : (
            <>
              <button type="button" class="button" onClick={() => input.current?.click()}>
                <Mark name="folder" /> Open a file
              </button>
              <input
                ref={input}
                class="visually-hidden"
                type="file"
                aria-label="Replay file"
                tabIndex={-1}
                onChange={(e) => {
                  const file = e.currentTarget.files?.[0];
                  e.currentTarget.value = '';
                  if (file) open(file);
                }}
              />
              <p class="hint">or drop one anywhere on this page</p>
              <h2>On this server</h2>
              <OfThisServer />
            </>
          )}
          <div class="cardFoot">
            <a class="button" href="/">
              <Icon name="swords" /> Play
            </a>
          </div>
        </section>
      </div>
    </main>
  );
}
