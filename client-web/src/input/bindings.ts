// Which key or mouse button does what. A binding is a KeyboardEvent.code ("KeyW"), "Mouse0" to
// "Mouse4", or "WheelUp" and "WheelDown". Codes name places on the keyboard, so WASD stays where it
// is on every layout.

export const actions = [
  'up',
  'left',
  'down',
  'right',
  'fire',
  'dash',
  'weapon1',
  'weapon2',
  'weapon3',
  'weapon4',
  'weapon5',
  'nextWeapon',
  'previousWeapon',
  'scoreboard',
  'chat',
  'netgraph',
  'mute',
] as const;
export type InputAction = (typeof actions)[number];

export type Bindings = Record<InputAction, string[]>;

export const actionLabels: Record<InputAction, string> = {
  up: 'Move up',
  left: 'Move left',
  down: 'Move down',
  right: 'Move right',
  fire: 'Fire',
  dash: 'Dash',
  weapon1: 'Weapon 1',
  weapon2: 'Weapon 2',
  weapon3: 'Weapon 3',
  weapon4: 'Weapon 4',
  weapon5: 'Weapon 5',
  nextWeapon: 'Next weapon',
  previousWeapon: 'Previous weapon',
  scoreboard: 'Scoreboard (hold)',
  chat: 'Chat',
  netgraph: 'Net graph',
  mute: 'Mute sound',
};

export function defaultBindings(): Bindings {
  return {
    up: ['KeyW', 'ArrowUp'],
    left: ['KeyA', 'ArrowLeft'],
    down: ['KeyS', 'ArrowDown'],
    right: ['KeyD', 'ArrowRight'],
    fire: ['Mouse0'],
    dash: ['Space', 'Mouse2'],
    weapon1: ['Digit1'],
    weapon2: ['Digit2'],
    weapon3: ['Digit3'],
    weapon4: ['Digit4'],
    weapon5: ['Digit5'],
    nextWeapon: ['KeyE', 'WheelDown'],
    previousWeapon: ['KeyQ', 'WheelUp'],
    scoreboard: ['Tab'],
    chat: ['Enter'],
    netgraph: ['F3'],
    mute: ['KeyM'],
  };
}

/** At most this many codes for one action; a newer one pushes the oldest out. */
const perAction = 2;

/** Returns bindings in which `code` does `action` and nothing else. Escape is never bound. */
export function bind(b: Bindings, action: InputAction, code: string): Bindings {
  if (code === 'Escape') return b;
  const out = { ...b };
  for (const a of actions) out[a] = b[a].filter((c) => c !== code);
  out[action] = [...out[action], code].slice(-perAction);
  return out;
}

/** Turns bindings round for the look-up on every key. */
export function byCode(b: Bindings): Map<string, InputAction> {
  const map = new Map<string, InputAction>();
  for (const a of actions) for (const c of b[a]) map.set(c, a);
  return map;
}

/** Writes a code for people: "KeyW" is "W", "Mouse0" is "Left mouse". */
export function codeLabel(code: string): string {
  const mouse: Record<string, string> = {
    Mouse0: 'Left mouse',
    Mouse1: 'Middle mouse',
    Mouse2: 'Right mouse',
    Mouse3: 'Mouse back',
    Mouse4: 'Mouse forward',
    WheelUp: 'Wheel up',
    WheelDown: 'Wheel down',
  };
  return (
    mouse[code] ??
    code
      .replace(/^Key|^Digit/, '')
      .replace(/^Arrow(.+)/, '$1 arrow')
      .replace(/^Numpad(.+)/, 'Numpad $1')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
  );
}
