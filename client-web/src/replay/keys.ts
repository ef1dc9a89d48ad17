// What keys do while a replay is watched. The list is also the page's help.

import { hud } from '../hud/state';
import { change, settings } from '../settings';
import { show } from './state';
import type { Viewer } from './viewer';

interface Key {
  /** KeyboardEvent.code of each. */
  codes: readonly string[];
  /** How the keys are written, and what they do. */
  keys: string;
  does: string;
  act: (v: Viewer, e: KeyboardEvent) => void;
}

const longStep = 30;
const shortStep = 5;

export const keys: readonly Key[] = [
  { codes: ['Space', 'KeyK'], keys: 'Space', does: 'Play or pause', act: (v) => v.toggle() },
  {
    codes: ['ArrowLeft', 'ArrowRight'],
    keys: '← →',
    does: `${shortStep} seconds back or on, ${longStep} with Shift`,
    act: (v, e) => v.skip((e.shiftKey ? longStep : shortStep) * (e.code === 'ArrowLeft' ? -1 : 1)),
  },
  {
    codes: ['Comma', 'Period'],
    keys: ', .',
    does: 'One tick back or on',
    act: (v, e) => v.nudge(e.code === 'Comma' ? -1 : 1),
  },
  {
    codes: ['BracketLeft', 'BracketRight'],
    keys: '[ ]',
    does: 'Slower or faster',
    act: (v, e) => v.changeSpeed(e.code === 'BracketLeft' ? -1 : 1),
  },
  {
    codes: ['Home', 'End'],
    keys: 'Home End',
    does: 'The beginning or the end',
    act: (v, e) => v.seek(e.code === 'Home' ? 1 : Number.MAX_SAFE_INTEGER),
  },
  {
    codes: ['KeyQ', 'KeyE'],
    keys: 'Q E',
    does: 'Player before or next player',
    act: (v, e) => v.view.spectator.step(e.code === 'KeyQ' ? -1 : 1),
  },
  { codes: ['KeyF'], keys: 'F', does: 'Free camera', act: (v) => v.view.spectator.toggle() },
  { codes: [], keys: 'W A S D', does: 'Move the camera; so does dragging', act: () => {} },
  {
    codes: ['KeyP'],
    keys: 'P',
    does: 'List of players',
    act: () => {
      show.playersOpen.value = !show.playersOpen.peek();
    },
  },
  { codes: ['KeyM'], keys: 'M', does: 'Sound', act: () => change({ muted: !settings.peek().muted }) },
  {
    codes: ['KeyT'],
    keys: 'T',
    does: 'Scoreboard',
    act: () => {
      hud.scoreboardOpen.value = !hud.scoreboardOpen.peek();
    },
  },
  {
    codes: ['KeyH', 'F1'],
    keys: 'H',
    does: 'These keys',
    act: () => {
      show.keysOpen.value = !show.keysOpen.peek();
    },
  },
];

/** Whether an element takes this key itself. The bar of time leaves the arrows to the list above. */
function takes(t: EventTarget | null, e: KeyboardEvent): boolean {
  if (!(t instanceof HTMLElement)) return false;
  if (t.closest('textarea, select, dialog, input:not([type=range])')) return true;
  return t.closest('button, a') !== null && (e.code === 'Space' || e.code === 'Enter');
}

const ways: Record<string, [number, number]> = {
  KeyW: [0, -127],
  KeyS: [0, 127],
  KeyA: [-127, 0],
  KeyD: [127, 0],
};

export function listenToKeys(viewer: Viewer): void {
  const held = new Set<string>();
  const steer = () => {
    const sum = [0, 0];
    for (const code of held) for (const i of [0, 1]) sum[i] += ways[code][i];
    [viewer.steering.moveX, viewer.steering.moveY] = sum;
  };
  addEventListener('keydown', (e) => {
    if (!show.about.peek() || takes(e.target, e) || e.ctrlKey || e.metaKey || e.altKey) return;
    const key = keys.find((k) => k.codes.includes(e.code));
    if (key) key.act(viewer, e);
    else if (ways[e.code]) {
      held.add(e.code);
      steer();
    } else return;
    e.preventDefault();
  });
  const release = (code: string) => {
    if (held.delete(code)) steer();
  };
  addEventListener('keyup', (e) => release(e.code));
  addEventListener('blur', () => {
    for (const code of [...held]) release(code);
  });
}
