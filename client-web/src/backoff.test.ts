import { describe, expect, it } from 'vitest';
import { Action, maxAttempts, next } from './backoff';

describe('back-off', () => {
  it('doubles its ceiling up to five seconds', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 20].map((attempt) => {
      const n = next(Action.Retry, attempt, 1);
      return n.again ? n.wait : -1;
    });
    expect(ceilings).toEqual([400, 800, 1600, 3200, 5000, 5000, 5000]);
  });

  it('spreads over the whole range, so that a crowd does not return at once', () => {
    expect(next(Action.Retry, 4, 0)).toMatchObject({ wait: 0 });
    expect(next(Action.Retry, 4, 0.5)).toMatchObject({ wait: 1600 });
  });

  it('keeps the seat on Retry, gives it up on Rejoin, and never returns by itself on Stop', () => {
    expect(next(Action.Retry, 1, 0)).toMatchObject({ again: true, keepToken: true });
    expect(next(Action.Rejoin, 1, 0)).toMatchObject({ again: true, keepToken: false });
    expect(next(Action.Stop, 1, 0)).toEqual({ again: false });
  });

  it('asks the player in the end', () => {
    expect(next(Action.Retry, maxAttempts, 0).again).toBe(true);
    expect(next(Action.Retry, maxAttempts + 1, 0).again).toBe(false);
  });
});
