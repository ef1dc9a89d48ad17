// What is said in the lobby and in the party.

import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../../hud/icons';
import type { Channel } from '../../lobby/chat';
import { lobby } from '../../lobby/here';
import { byId, muted, setMuted } from '../../mutes';
import { Problem, useWork } from './asking';

function Lines({ channel }: { channel: Channel }) {
  const end = useRef<HTMLOListElement>(null);
  const me = lobby.identity.me.value?.id;
  const lines = lobby.chat.lines.value.filter((l) => l.to === channel && !muted.value.has(byId(l.from)));
  const last = lines.at(-1)?.key;
  // A new last line is the reason to scroll.
  useLayoutEffect(() => {
    end.current?.scrollTo({ top: end.current.scrollHeight });
  }, [last]);
  useEffect(() => {
    lobby.chat.unread.value = 0;
  });
  return (
    <ol class="lines" ref={end} aria-live="polite" aria-label={`Chat of the ${channel}`}>
      {lines.length === 0 && <li class="empty">Nothing was said yet.</li>}
      {lines.map((l) => (
        <li key={l.key}>
          <span>
            <b>{l.name}</b> {l.text}
          </span>
          {l.from !== me && (
            <button
              type="button"
              class="iconButton slight"
              aria-label={`Mute ${l.name}`}
              title="Mute"
              onClick={() => setMuted(byId(l.from), true)}
            >
              <Icon name="messageOff" />
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}

/** Who was muted among those who have spoken, to be heard again. */
function Muted() {
  const quiet = new Map(
    lobby.chat.lines.value.filter((l) => muted.value.has(byId(l.from))).map((l) => [l.from, l.name]),
  );
  if (quiet.size === 0) return null;
  return (
    <p class="hint">
      Muted:{' '}
      {[...quiet].map(([id, name]) => (
        <button
          key={id}
          type="button"
          class="linkButton"
          aria-label={`Hear ${name} again`}
          onClick={() => setMuted(byId(id), false)}
        >
          {name}
        </button>
      ))}
    </p>
  );
}

export function ChatTab() {
  const wanted = useSignal<Channel>('lobby');
  const typed = useSignal('');
  const work = useWork();
  const channel: Channel = lobby.party.party.value ? wanted.value : 'lobby';
  return (
    <div class="chatTab">
      {lobby.party.party.value && (
        <fieldset class="segments">
          <legend class="visually-hidden">Who reads it</legend>
          {(['lobby', 'party'] as const).map((c) => (
            <label key={c}>
              <input
                type="radio"
                class="visually-hidden"
                name="channel"
                checked={channel === c}
                onChange={() => {
                  wanted.value = c;
                }}
              />
              {c === 'lobby' ? 'Everyone' : 'Party'}
            </label>
          ))}
        </fieldset>
      )}
      <Lines channel={channel} />
      <Muted />
      <Problem text={work.error.value} />
      <form
        class="joinBy"
        onSubmit={(e) => {
          e.preventDefault();
          const words = typed.value.trim();
          if (words === '') return;
          void work
            .run(() => lobby.chat.say(channel, words))
            .then((said) => {
              if (said) typed.value = '';
            });
        }}
      >
        <input
          class="textInput small"
          aria-label={channel === 'lobby' ? 'Say to everyone in the lobby' : 'Say to the party'}
          placeholder={channel === 'lobby' ? 'Say to everyone' : 'Say to the party'}
          maxLength={160}
          autocomplete="off"
          value={typed.value}
          onInput={(e) => {
            typed.value = e.currentTarget.value;
          }}
        />
        <button type="submit" class="button square" aria-label="Send" disabled={work.busy.value}>
          <Icon name="send" />
        </button>
      </form>
    </div>
  );
}
