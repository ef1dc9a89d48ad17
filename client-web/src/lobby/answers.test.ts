import { describe, expect, it } from 'vitest';
import { readBoard, readGames, readMatches, readOffer, readQueued, readSignedIn } from './answers';

describe('answers of the lobby', () => {
  it('read as empty values whatever they are', () => {
    for (const answer of [null, undefined, 7, 'x', [], { rows: 4, matches: {}, games: 'no' }]) {
      expect(readBoard(answer)).toEqual({ rows: [], me: null });
      expect(readMatches(answer)).toEqual([]);
      expect(readGames(answer)).toEqual([]);
      expect(readOffer(answer)).toBeNull();
      expect(readQueued(answer)).toEqual({ mode: '', since: 0, wait: 0, waiting: 0 });
      expect(readSignedIn(answer).session).toBe('');
    }
  });

  it('tell what a rated match did to the rating, and nothing of one that was not', () => {
    const match = { id: 'm', mode: 'ffa', ended: '2026-01-02T03:04:05Z', place: 1, seats: 4 };
    const [rated, not] = readMatches({
      matches: [
        { ...match, rated: true, before: 10, after: 12.5 },
        { ...match, rated: false, before: 10, after: 12.5 },
      ],
    });
    expect([rated.after, rated.change]).toEqual([12.5, 2.5]);
    expect([not.after, not.change]).toEqual([null, null]);
    expect(rated.ended).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  });

  it('take a rating of all time or the points of a season for the value', () => {
    const row = { place: 1, player: 'p', name: 'Ada', tag: 7, matches: 3 };
    expect(readBoard({ rows: [{ ...row, rating: 21.5 }], player: { ...row, points: 40 } })).toEqual({
      rows: [{ ...row, value: 21.5 }],
      me: { ...row, value: 40 },
    });
  });
});
