// For who looks on: whom the camera follows, how to change that, and the way into the game.

import type { HudWishes } from './Hud';
import { Icon } from './icons';
import { hud } from './state';

export function WatchBar({ wishes }: { wishes: HudWishes }) {
  const followed = hud.rows.value.find((r) => r.player === hud.following.value);
  const free = hud.freeCamera.value || !followed;
  return (
    <div class="watchBar panel" role="group" aria-label="Watching">
      <button
        type="button"
        class="iconButton"
        aria-label="Player before"
        onClick={() => wishes.watchNext(-1)}
      >
        <Icon name="chevronLeft" />
      </button>
      <p class="watched" role="status">
        <small>Watching</small>
        <b style={free ? undefined : { color: followed.colour }}>{free ? 'Free camera' : followed.name}</b>
      </p>
      <button type="button" class="iconButton" aria-label="Next player" onClick={() => wishes.watchNext(1)}>
        <Icon name="chevronRight" />
      </button>
      <button
        type="button"
        class="iconButton"
        aria-label="Free camera"
        aria-pressed={free}
        title="Free camera"
        onClick={wishes.freeCamera}
      >
        <Icon name="video" />
      </button>
      <button type="button" class="button" onClick={wishes.takeSeat}>
        Play
      </button>
      <button type="button" class="iconButton" aria-label="Stop watching" onClick={wishes.leave}>
        <Icon name="logOut" />
      </button>
    </div>
  );
}
