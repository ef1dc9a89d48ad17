// Which actions are held down, whatever device holds them, and who wants to know of presses.

import type { InputAction } from './bindings';

type Listener = (action: InputAction, down: boolean) => void;

export class ActionState {
  /** How many devices hold each action: two keys bound to "up" may be down at once. */
  private readonly holders = new Map<InputAction, Set<string>>();
  private readonly listeners: Listener[] = [];

  onChange(listener: Listener): void {
    this.listeners.push(listener);
  }

  held(action: InputAction): boolean {
    return (this.holders.get(action)?.size ?? 0) > 0;
  }

  press(action: InputAction, source: string): void {
    let set = this.holders.get(action);
    if (!set) {
      set = new Set();
      this.holders.set(action, set);
    }
    const first = set.size === 0;
    set.add(source);
    if (first) this.tell(action, true);
  }

  release(action: InputAction, source: string): void {
    const set = this.holders.get(action);
    if (set?.delete(source) && set.size === 0) this.tell(action, false);
  }

  /** A press that is over at once: a wheel step. */
  tap(action: InputAction): void {
    this.tell(action, true);
    this.tell(action, false);
  }

  /** Lets go of everything: the window lost its focus and will see no key go up. */
  releaseAll(): void {
    for (const [action, set] of this.holders) {
      if (set.size === 0) continue;
      set.clear();
      this.tell(action, false);
    }
  }

  private tell(action: InputAction, down: boolean): void {
    for (const l of this.listeners) l(action, down);
  }
}
