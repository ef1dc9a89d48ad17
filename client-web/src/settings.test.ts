import { describe, expect, it } from 'vitest';
import { defaults, restore } from './settings';

const base = defaults(() => 0, false);

describe('settings', () => {
  it('starts with a name nobody has to type', () => {
    expect(base.name).toBe('Swift Otter 1');
  });

  it('survives its own round trip', () => {
    const chosen = { ...base, palette: 'tritan' as const, volume: 0.25, textScale: 1.4, name: 'Ada' };
    expect(restore(JSON.parse(JSON.stringify(chosen)), base)).toEqual(chosen);
  });

  it('fills in what an older version did not know and drops what is known no more', () => {
    const got = restore({ version: 0, name: 'Bo', crosshair: 'dot' }, base);
    expect(got).toEqual({ ...base, name: 'Bo' });
  });

  it.each([null, 7, 'x', [], { bindings: 3, volume: 'loud', textScale: Number.NaN, palette: 'mauve' }])(
    'falls back to the defaults for %j',
    (stored) => {
      expect(restore(stored, base)).toEqual(base);
    },
  );

  it('clamps numbers and keeps only key codes', () => {
    const got = restore(
      { textScale: 99, deadZone: -1, bindings: { fire: ['KeyF', 3], nothing: ['x'] } },
      base,
    );
    expect(got).toMatchObject({ textScale: 1.6, deadZone: 0.05 });
    expect(got.bindings.fire).toEqual(['KeyF']);
    expect(Object.keys(got.bindings)).toEqual(Object.keys(base.bindings));
  });
});
