// The bar under the picture: time and how it goes, and whom one follows.

import type { ComponentChildren } from 'preact';
import { Icon } from '../hud/icons';
import { hud } from '../hud/state';
import { clock } from '../hud/TopBar';
import { change, settings } from '../settings';
import { Mark } from './icons';
import { show, speeds } from './state';
import type { Viewer } from './viewer';

function Button(props: {
  label: string;
  pressed?: boolean;
  class?: string;
  act: () => void;
  children: ComponentChildren;
}) {
  return (
    <button
      type="button"
      class={`iconButton ${props.class ?? ''}`}
      aria-label={props.label}
      title={props.label}
      {...(props.pressed === undefined ? {} : { 'aria-pressed': props.pressed })}
      onClick={(e) => {
        props.act();
        // A click leaves no focus behind, so that the space bar goes on to mean play and pause.
        if (e.detail > 0) e.currentTarget.blur();
      }}
    >
      {props.children}
    </button>
  );
}

/** Seconds of the match at a tick, as people write them. */
const timeAt = (tick: number, rate: number) => clock(Math.floor(tick / rate));

function Time({ viewer }: { viewer: Viewer }) {
  const about = show.about.value;
  if (!about) return null;
  const now = timeAt(show.tick.value, about.tickRate);
  const jump = show.jump.value;
  const share = about.length > 1 ? (show.tick.value - 1) / (about.length - 1) : 1;
  return (
    <div class="timeline">
      <b>{now}</b>
      <div class="seek" style={{ '--share': share }}>
        <input
          type="range"
          aria-label="Time"
          aria-valuetext={`${now} of ${timeAt(about.length, about.tickRate)}`}
          min={1}
          max={about.length}
          value={show.tick.value}
          onInput={(e) => viewer.seek(e.currentTarget.valueAsNumber)}
        />
        {jump !== null && (
          <div
            class="seekProgress"
            role="progressbar"
            aria-label="Going there"
            aria-valuenow={Math.round(jump * 100)}
          >
            <i style={{ transform: `scaleX(${jump})` }} />
          </div>
        )}
      </div>
      <span>{timeAt(about.length, about.tickRate)}</span>
    </div>
  );
}

function Flow({ viewer }: { viewer: Viewer }) {
  const about = show.about.value;
  const ended = about !== null && show.tick.value >= about.length;
  const playing = show.playing.value;
  return (
    <div class="flow" role="group" aria-label="Playing">
      <Button label="5 seconds back" act={() => viewer.skip(-5)}>
        <Mark name="back" />
      </Button>
      <Button
        class="playButton"
        label={playing ? 'Pause' : ended ? 'Play again' : 'Play'}
        act={() => viewer.toggle()}
      >
        <Mark name={playing ? 'pause' : ended ? 'again' : 'play'} />
      </Button>
      <Button label="5 seconds on" act={() => viewer.skip(5)}>
        <Mark name="next" />
      </Button>
      <select
        class="select speed"
        aria-label="Speed"
        value={String(show.speed.value)}
        onChange={(e) => viewer.setSpeed(Number(e.currentTarget.value))}
      >
        {speeds.map((s) => (
          <option key={s} value={String(s)}>
            {s}×
          </option>
        ))}
      </select>
    </div>
  );
}

function Followed({ viewer }: { viewer: Viewer }) {
  const { spectator } = viewer.view;
  const followed = hud.rows.value.find((r) => r.player === hud.following.value);
  const free = hud.freeCamera.value || !followed;
  return (
    <div class="followed" role="group" aria-label="Camera">
      <Button label="Player before" act={() => spectator.step(-1)}>
        <Icon name="chevronLeft" />
      </Button>
      <p class="watched" role="status">
        <small>{free ? 'Camera' : 'Following'}</small>
        <b style={free ? undefined : { color: followed.colour }}>{free ? 'Free' : followed.name}</b>
      </p>
      <Button label="Next player" act={() => spectator.step(1)}>
        <Icon name="chevronRight" />
      </Button>
      <Button label="Free camera" pressed={free} act={() => spectator.toggle()}>
        <Icon name="video" />
      </Button>
    </div>
  );
}

function Extras({ touch }: { touch: boolean }) {
  const { muted } = settings.value;
  return (
    <div class="extras" role="group" aria-label="More">
      <Button
        label="Players"
        pressed={show.playersOpen.value}
        act={() => {
          show.playersOpen.value = !show.playersOpen.peek();
        }}
      >
        <Icon name="users" />
      </Button>
      <Button label={muted ? 'Sound on' : 'Sound off'} act={() => change({ muted: !muted })}>
        <Mark name={muted ? 'soundOff' : 'soundOn'} />
      </Button>
      {!touch && (
        <Button
          label="Keys"
          pressed={show.keysOpen.value}
          act={() => {
            show.keysOpen.value = !show.keysOpen.peek();
          }}
        >
          <Mark name="keyboard" />
        </Button>
      )}
    </div>
  );
}

export function Controls({ viewer, touch }: { viewer: Viewer; touch: boolean }) {
  return (
    <div class="replayBar panel" role="group" aria-label="Replay">
      <Time viewer={viewer} />
      <div class="replayRow">
        <Followed viewer={viewer} />
        <Flow viewer={viewer} />
        <Extras touch={touch} />
      </div>
    </div>
  );
}
