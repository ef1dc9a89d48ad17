import { describe, expect, it } from 'vitest';
import { actions, bind, byCode, codeLabel, defaultBindings } from './bindings';

describe('bindings', () => {
  it('binds every action by default and no code twice', () => {
    const b = defaultBindings();
    const codes = actions.flatMap((a) => b[a]);
    expect(actions.every((a) => b[a].length > 0)).toBe(true);
    expect(new Set(codes).size).toBe(codes.length);
    expect(byCode(b).get('KeyW')).toBe('up');
  });

  it('takes a code away from the action that had it', () => {
    const b = bind(defaultBindings(), 'dash', 'KeyW');
    expect(b.up).toEqual(['ArrowUp']);
    expect(byCode(b).get('KeyW')).toBe('dash');
  });

  it('keeps the two newest codes of an action', () => {
    let b = defaultBindings();
    for (const c of ['KeyX', 'KeyY', 'KeyZ']) b = bind(b, 'fire', c);
    expect(b.fire).toEqual(['KeyY', 'KeyZ']);
  });

  it('leaves Escape to the browser and the menu', () => {
    const b = defaultBindings();
    expect(bind(b, 'fire', 'Escape')).toBe(b);
  });

  it('does not change what it was given', () => {
    const b = defaultBindings();
    bind(b, 'dash', 'KeyW');
    expect(b).toEqual(defaultBindings());
  });

  it.each([
    ['KeyW', 'W'],
    ['Digit4', '4'],
    ['Mouse0', 'Left mouse'],
    ['ArrowUp', 'Up arrow'],
    ['ShiftLeft', 'Shift Left'],
    ['Numpad7', 'Numpad 7'],
  ])('labels %s as %s', (code, label) => {
    expect(codeLabel(code)).toBe(label);
  });
});
