// Asking the lobby from a component: what is being asked, what came of it, and how to go on if nothing
// did.

import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const sentence = (problem: unknown): string =>
  problem instanceof Error && problem.message !== '' ? problem.message : 'That did not work. Try again.';

/** A button's work: one at a time, and a sentence if it fails. */
export interface Work {
  busy: ReadonlySignal<boolean>;
  error: ReadonlySignal<string>;
  /** Runs `work` unless one is running; true if it went well. */
  run(work: () => Promise<unknown>): Promise<boolean>;
}

export function useWork(): Work {
  const busy = useSignal(false);
  const error = useSignal('');
  return {
    busy,
    error,
    run: async (work) => {
      if (busy.peek()) return false;
      busy.value = true;
      error.value = '';
      try {
        await work();
        return true;
      } catch (problem) {
        error.value = sentence(problem);
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}

export interface Answer<T> {
  /** Null until it has come. */
  value: T | null;
  error: string;
  again: () => void;
}

/** Asks when `key` changes, and shows the answer to the newest question only. */
export function useAnswer<T>(key: string, ask: () => Promise<T>): Answer<T> {
  const answer = useSignal<{ value: T | null; error: string }>({ value: null, error: '' });
  const tries = useSignal(0);
  // The key and the tries stand for the question.
  useEffect(() => {
    let wanted = true;
    const tell = (value: T | null, error: string) => {
      if (wanted) answer.value = { value, error };
    };
    ask().then(
      (value) => tell(value, ''),
      (problem: unknown) => tell(null, sentence(problem)),
    );
    return () => {
      wanted = false;
    };
  }, [key, tries.value]);
  return { ...answer.value, again: () => tries.value++ };
}

/** A sentence about what went wrong, and a way on. */
export function Problem({ text, again }: { text: string; again?: () => void }) {
  if (text === '') return null;
  return (
    <p class="notice" role="alert">
      {text}
      {again && (
        <>
          {' '}
          <button type="button" class="linkButton" onClick={again}>
            Try again
          </button>
        </>
      )}
    </p>
  );
}
