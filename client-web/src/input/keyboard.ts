// Keys, by the place they have on the keyboard.

import type { ActionState } from './actions';
import type { InputAction } from './bindings';

/** Whether an element takes typed text or is worked by keys itself. */
const takesKeys = (t: EventTarget | null) =>
  t instanceof HTMLElement && t.closest('input, textarea, select, button, a, [role=dialog]') !== null;

/** Feeds key presses into actions while `playing` says so. */
export function listenToKeyboard(
  actions: ActionState,
  lookup: () => Map<string, InputAction>,
  playing: () => boolean,
): void {
  addEventListener('keydown', (e) => {
    if (!playing() || takesKeys(e.target) || e.ctrlKey || e.metaKey || e.altKey) return;
    const action = lookup().get(e.code);
    if (!action) return;
    e.preventDefault(); // Tab, space and the arrows would move the focus or the page
    if (!e.repeat) actions.press(action, e.code);
  });
  addEventListener('keyup', (e) => {
    const action = lookup().get(e.code);
    if (action) actions.release(action, e.code);
  });
  addEventListener('blur', () => actions.releaseAll());
}
