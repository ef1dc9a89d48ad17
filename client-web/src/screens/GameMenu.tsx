// The menu in the game: bring friends, see who is there, change settings, leave.

import { useSignal } from '@preact/signals';
import { Icon } from '../hud/icons';
import { hud } from '../hud/state';
import { lobby } from '../lobby/here';
import { byName, muted, setMuted } from '../mutes';
import { panelOpen } from '../simulator';
import { Problem, useAnswer, useWork } from './lobby/asking';
import { Share } from './Share';
import { Sheet } from './Sheet';

const statusWords = ['', 'lagging', 'away', 'reconnecting'];

function People() {
  const people = hud.people.value.filter((p) => !p.bot);
  const bots = hud.people.value.length - people.length;
  const me = hud.rows.value.find((r) => r.me)?.player;
  return (
    <section>
      <h3>In this room</h3>
      <ul class="people">
        {people.map((p) => {
          const quiet = muted.value.has(byName(p.name));
          return (
            <li key={p.player}>
              <span class="who">
                {p.name}
                {p.player === me && <small>you</small>}
                {p.status > 0 && <small>{statusWords[p.status]}</small>}
              </span>
              {p.player !== me && (
                <button
                  type="button"
                  class="iconButton"
                  aria-pressed={quiet}
                  aria-label={`Mute ${p.name}`}
                  title={quiet ? 'Read again' : 'Mute'}
                  onClick={() => setMuted(byName(p.name), !quiet)}
                >
                  <Icon name={quiet ? 'messageOff' : 'message'} />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {bots > 0 && <p class="hint">and {bots === 1 ? 'a bot' : `${bots} bots`}</p>}
    </section>
  );
}

/** Who opened the room may close it to newcomers. */
function Door() {
  const id = hud.roomId.value;
  const work = useWork();
  const wanted = useSignal<boolean | null>(null);
  const room = useAnswer(id, () => lobby.room(id));
  if (!room.value || room.value.owner === '' || room.value.owner !== lobby.identity.me.value?.id) return null;
  // The directory hears of it a moment later; until then the click counts.
  const locked = wanted.value ?? room.value.locked;
  const lock = (v: boolean) => {
    wanted.value = v;
    void work
      .run(() => lobby.lockRoom(id, v))
      .then((done) => {
        if (!done) wanted.value = !v;
      });
  };
  return (
    <section>
      <label class="row">
        <span>
          Lock the room
          <small>Nobody else comes in</small>
        </span>
        <input
          type="checkbox"
          checked={locked}
          disabled={work.busy.value}
          onChange={(e) => lock(e.currentTarget.checked)}
        />
      </label>
      <Problem text={work.error.value} />
    </section>
  );
}

export function GameMenu(props: {
  link: string;
  close: () => void;
  openSettings: () => void;
  leave: () => void;
}) {
  return (
    <Sheet title="Menu" narrow close={props.close}>
      <section>
        <h3>Bring friends</h3>
        <Share link={props.link} label="Link to this room" />
      </section>
      <People />
      <Door />
      <div class="stack">
        <button type="button" class="button primary" onClick={props.close}>
          Back to the game
        </button>
        <button type="button" class="button" onClick={props.openSettings}>
          <Icon name="settings" /> Settings
        </button>
        <button
          type="button"
          class="button"
          aria-pressed={hud.graphOpen.value}
          onClick={() => {
            hud.graphOpen.value = !hud.graphOpen.peek();
            props.close();
          }}
        >
          Net graph
        </button>
        <button
          type="button"
          class="button"
          aria-pressed={panelOpen.value}
          onClick={() => {
            panelOpen.value = !panelOpen.peek();
            props.close();
          }}
        >
          <Icon name="activity" /> Network simulator
        </button>
        <button type="button" class="button" onClick={props.leave}>
          <Icon name="logOut" /> Leave the game
        </button>
      </div>
    </Sheet>
  );
}
