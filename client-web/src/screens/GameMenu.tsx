// The menu in the game: bring friends, change settings, leave.

import { useSignal } from '@preact/signals';
import { Icon } from '../hud/icons';
import { Sheet } from './Sheet';

export function GameMenu(props: {
  link: string;
  close: () => void;
  openSettings: () => void;
  leave: () => void;
}) {
  const copied = useSignal(false);
  const copy = async (input: HTMLInputElement | null) => {
    try {
      await navigator.clipboard.writeText(props.link);
      copied.value = true;
    } catch {
      input?.select(); // no permission, or not a secure page: the player copies it by hand
    }
  };
  let input: HTMLInputElement | null = null;
  return (
    <Sheet title="Menu" narrow close={props.close}>
      <section>
        <h3>Bring friends</h3>
        <div class="shareRow">
          <input
            ref={(el) => {
              input = el;
            }}
            class="textInput"
            readOnly
            value={props.link}
            aria-label="Link to this room"
            onFocus={(e) => e.currentTarget.select()}
          />
          <button type="button" class="button" onClick={() => void copy(input)}>
            <Icon name={copied.value ? 'check' : 'copy'} /> {copied.value ? 'Copied' : 'Copy'}
          </button>
        </div>
        <p class="visually-hidden" role="status">
          {copied.value ? 'Link copied' : ''}
        </p>
      </section>
      <div class="stack">
        <button type="button" class="button primary" onClick={props.close}>
          Back to the game
        </button>
        <button type="button" class="button" onClick={props.openSettings}>
          <Icon name="settings" /> Settings
        </button>
        <button type="button" class="button" onClick={props.leave}>
          <Icon name="logOut" /> Leave the game
        </button>
      </div>
    </Sheet>
  );
}
