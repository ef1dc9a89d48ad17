// Asks for a room's password.

import { useSignal } from '@preact/signals';
import type { Wish } from '../../lobby/lobby';
import { ui } from '../../ui';
import { Sheet } from '../Sheet';
import { Problem } from './asking';

export function PasswordSheet({ play, close }: { play: (wish: Wish) => void; close: () => void }) {
  const typed = useSignal('');
  const wish = ui.wish.value;
  const wrong = wish.password ? 'The room’s password is another one.' : '';
  return (
    <Sheet title="Password" narrow close={close}>
      <form
        class="plan"
        onSubmit={(e) => {
          e.preventDefault();
          close();
          play({ ...wish, password: typed.peek() });
        }}
      >
        <label class="field">
          Password of the room
          <input
            class="textInput small"
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            maxLength={64}
            value={typed.value}
            onInput={(e) => {
              typed.value = e.currentTarget.value;
            }}
          />
        </label>
        <Problem text={wrong} />
        <button type="submit" class="button primary">
          Join
        </button>
      </form>
    </Sheet>
  );
}
