import { describe, expect, it } from 'vitest';
import { readMatches } from '../../lobby/answers';
import { curve, mainMode, placed } from './RatingCurve';

const match = (mode: string, minute: number, after?: number) => ({
  id: `${mode}${minute}`,
  mode,
  ended: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  ...(after === undefined ? {} : { rated: true, before: 0, after }),
});
const matches = readMatches({
  matches: [match('ffa', 9, 3), match('ffa', 5), match('ffa', 4, 2), match('tdm', 3, 7), match('ffa', 1, 1)],
});

describe('the curve of ratings', () => {
  it('is of the mode with most rated matches, oldest first', () => {
    expect(mainMode(matches)).toBe('ffa');
    const [times, ratings] = curve(matches, 'ffa');
    expect(ratings).toEqual([1, 2, 3]);
    expect(times[2] - times[0]).toBe(8 * 60);
  });

  it('goes from edge to edge, the best on top', () => {
    expect(placed([10, 20, 50], [1, 3, 2])).toEqual([
      [0, 100],
      [25, 0],
      [100, 50],
    ]);
    expect(placed([10, 20], [7, 7])).toEqual([
      [0, 50],
      [100, 50],
    ]);
  });

  it('is empty where nothing was rated', () => {
    expect(mainMode([])).toBe('');
    expect(curve([], '')).toEqual([[], []]);
  });
});
