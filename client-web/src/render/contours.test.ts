import { describe, expect, it } from 'vitest';
import { type Loop, loops } from './contours';

/** Outlines of the # in a drawing. */
function outline(...rows: string[]): Loop[] {
  return loops(rows[0].length, rows.length, (x, y) => rows[y][x] === '#');
}

/** Twice the area inside, negative for a hole. */
function area(l: Loop): number {
  let sum = 0;
  for (let i = 0; i < l.length; i += 2) {
    const j = (i + 2) % l.length;
    sum += l[i] * l[j + 1] - l[j] * l[i + 1];
  }
  return sum;
}

describe('outlines', () => {
  it('go round a rectangle with four corners', () => {
    expect(outline('....', '.##.', '.##.')).toEqual([[1, 1, 3, 1, 3, 3, 1, 3]]);
  });

  it('run the other way round a hole', () => {
    const got = outline('###', '#.#', '###')
      .map(area)
      .sort((a, b) => a - b);
    expect(got).toEqual([-2, 18]);
  });

  it('keep two areas apart that touch at a corner', () => {
    const got = outline('#.', '.#');
    expect(got).toHaveLength(2);
    expect(got.map(area)).toEqual([2, 2]);
  });

  it('enclose as many tiles as there are, for any drawing', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    for (let round = 0; round < 50; round++) {
      const tiles = Array.from({ length: 10 * 8 }, () => random() < 0.45);
      const got = loops(10, 8, (x, y) => tiles[y * 10 + x]);
      expect(got.reduce((sum, l) => sum + area(l), 0)).toBe(2 * tiles.filter(Boolean).length);
    }
  });
});
