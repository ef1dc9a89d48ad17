// When to connect again after a connection was lost: exponential back-off with full jitter
// (Brooker, "Exponential Backoff And Jitter", AWS 2015), so that the players of a server that
// restarted do not all come back in the same moment.

/** What a close code asks for; the numbers are protocol.Action. */
export const Action = { Retry: 0, Rejoin: 1, Stop: 2 } as const;
export type Action = (typeof Action)[keyof typeof Action];

/** What to do next: connect again after `wait` milliseconds, or stop and tell the player why. */
export type Next = { again: true; wait: number; keepToken: boolean } | { again: false };

const firstMs = 400;
const capMs = 5000;
/** About four minutes of trying; after that the player is asked. */
export const maxAttempts = 60;

/**
 * Decides after the `attempt`-th connection in a row was lost (1 for the first) with that action.
 * `random` is in [0, 1).
 */
export function next(action: Action, attempt: number, random: number): Next {
  if (action === Action.Stop || attempt > maxAttempts) return { again: false };
  const ceiling = Math.min(capMs, firstMs * 2 ** (attempt - 1));
  return { again: true, wait: Math.round(random * ceiling), keepToken: action === Action.Retry };
}
