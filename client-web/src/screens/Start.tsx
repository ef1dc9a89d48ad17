// The first screen: a name that is already filled in, and Play. Beside it the lobby, where there is one.

import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import { Icon } from '../hud/icons';
import { codeLabel } from '../input/bindings';
import type { Wish } from '../lobby/lobby';
import { cleanName, inventName } from '../names';
import { change, settings } from '../settings';
import { LobbyPanel } from './lobby/LobbyPanel';
import { QueueStrip } from './lobby/MatchTab';

export interface Loading {
  bytes: number;
  total: number;
  ready: boolean;
  error: string;
}

function Progress({ loading }: { loading: Loading }) {
  const share = loading.total > 0 ? Math.min(1, loading.bytes / loading.total) : 0;
  const mb = (n: number) => (n / 1e6).toFixed(1);
  return (
    <div>
      <div class="progress" role="progressbar" aria-label="Loading" aria-valuenow={Math.round(share * 100)}>
        <div style={{ transform: `scaleX(${share})` }} />
      </div>
      <p class="progressText">
        {share < 1
          ? `Loading the game: ${mb(loading.bytes)} of ${mb(loading.total)} MB`
          : 'Starting the engine…'}
      </p>
    </div>
  );
}

function Keys() {
  const b = settings.value.bindings;
  const first = (a: keyof typeof b) => codeLabel(b[a][0] ?? '–');
  return (
    <p class="keys">
      <span>
        <kbd>{first('up')}</kbd> <kbd>{first('left')}</kbd> <kbd>{first('down')}</kbd>{' '}
        <kbd>{first('right')}</kbd> move
      </span>
      <span>
        <kbd>{first('fire')}</kbd> fire
      </span>
      <span>
        <kbd>{first('dash')}</kbd> dash
      </span>
      <span>
        <kbd>1</kbd> to <kbd>5</kbd> weapons
      </span>
    </p>
  );
}

interface StartProps {
  loading: Loading;
  joining: boolean;
  /** The room of a link, "" for any. */
  room: string;
  notice: string;
  /** The server speaks another version: only a reload helps. */
  outdated: boolean;
  touch: boolean;
  play: (wish: Wish) => void;
  anyRoom: () => void;
  openSettings: () => void;
}

function NameField({ typed }: { typed: Signal<string> }) {
  return (
    <label class="field">
      Your name
      <span class="nameRow">
        <input
          class="textInput"
          value={typed.value}
          maxLength={40}
          autocomplete="nickname"
          spellcheck={false}
          onInput={(e) => {
            typed.value = e.currentTarget.value;
          }}
        />
        <button
          type="button"
          class="button"
          aria-label="Another name"
          onClick={() => {
            typed.value = inventName(Math.random);
          }}
        >
          <Icon name="dices" />
        </button>
      </span>
    </label>
  );
}

function PlayButton({ loading, joining, outdated }: Pick<StartProps, 'loading' | 'joining' | 'outdated'>) {
  if (loading.error || outdated) {
    return (
      <>
        {loading.error && (
          <p class="notice" role="alert">
            {loading.error}
          </p>
        )}
        <button type="button" class="button primary play" onClick={() => location.reload()}>
          Reload
        </button>
      </>
    );
  }
  if (!loading.ready) return <Progress loading={loading} />;
  return (
    <button type="submit" class="button primary play" id="play" disabled={joining}>
      {joining ? 'Joining…' : 'Play'}
    </button>
  );
}

export function Start(props: StartProps) {
  const typed = useSignal(settings.peek().name);
  const { loading } = props;
  // The lobby may have changed the name, on the profile page or because it was taken.
  useSignalEffect(() => {
    typed.value = settings.value.name;
  });
  const play = (wish: Wish) => {
    const name = cleanName(typed.peek()) || inventName(Math.random);
    typed.value = name;
    change({ name });
    if (loading.ready && !props.joining) props.play(wish);
  };
  return (
    <main class="start">
      <div class="startMiddle">
        <header>
          <h1 class="logo">Hindsight</h1>
          <p class="tagline">Every shot is judged by what you saw.</p>
        </header>
        <div class="startGrid">
          <div class="startSide">
            <form
              class="card panel"
              onSubmit={(e) => {
                e.preventDefault();
                play({ room: props.room });
              }}
            >
              {props.notice && (
                <p class="notice" role="alert">
                  {props.notice}
                </p>
              )}
              <NameField typed={typed} />
              <PlayButton loading={loading} joining={props.joining} outdated={props.outdated} />
              {props.room && (
                <p class="hint">
                  You join room <b>{props.room}</b>.{' '}
                  <button
                    type="button"
                    class="linkButton"
                    onClick={() => play({ room: props.room, watch: true })}
                  >
                    Watch instead
                  </button>{' '}
                  ·{' '}
                  <button type="button" class="linkButton" onClick={props.anyRoom}>
                    Play anywhere instead
                  </button>
                </p>
              )}
              <QueueStrip />
              <div class="cardFoot">
                <button type="button" class="button" onClick={props.openSettings}>
                  <Icon name="settings" /> Settings
                </button>
                <a class="button" href="/replay">
                  <Icon name="video" /> Replays
                </a>
              </div>
            </form>
            {!props.touch && <Keys />}
          </div>
          <LobbyPanel play={play} ready={loading.ready && !props.joining} />
        </div>
      </div>
    </main>
  );
}
