// The mouse: a pointer that aims, buttons and a wheel that do what they are bound to.

import type { ActionState } from './actions';
import type { InputAction } from './bindings';

export class Mouse {
  /** In CSS pixels. */
  x = 0;
  y = 0;
  /** performance.now() of the last movement or press. */
  usedAt = 0;

  constructor(
    surface: HTMLElement,
    actions: ActionState,
    lookup: () => Map<string, InputAction>,
    playing: () => boolean,
  ) {
    addEventListener('pointermove', (e) => {
      if (e.pointerType === 'mouse') this.moved(e);
    });
    surface.addEventListener('pointerdown', (e) => {
      if (e.pointerType !== 'mouse' || !playing()) return;
      e.preventDefault();
      // What has the focus (a button of the menu) must not swallow the keys that follow.
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      this.moved(e);
      this.button(e, actions, lookup);
    });
    // Further buttons come as moves while one is down.
    surface.addEventListener('mousedown', (e) => {
      if (playing() && this.usedAt > 0) this.button(e, actions, lookup);
    });
    addEventListener('mouseup', (e) => {
      const action = lookup().get(`Mouse${e.button}`);
      if (action) actions.release(action, `Mouse${e.button}`);
    });
    surface.addEventListener('contextmenu', (e) => e.preventDefault());
    surface.addEventListener(
      'wheel',
      (e) => {
        const action = lookup().get(e.deltaY > 0 ? 'WheelDown' : 'WheelUp');
        if (action && playing() && e.deltaY !== 0) actions.tap(action);
      },
      { passive: true },
    );
  }

  private moved(e: PointerEvent): void {
    this.x = e.clientX;
    this.y = e.clientY;
    this.usedAt = performance.now();
  }

  private button(e: MouseEvent, actions: ActionState, lookup: () => Map<string, InputAction>): void {
    const action = lookup().get(`Mouse${e.button}`);
    if (action) actions.press(action, `Mouse${e.button}`);
  }
}
