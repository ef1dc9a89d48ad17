// Waiting for a match.

import { signal } from '@preact/signals';
import { type Queued, readQueued } from './answers';
import type { Api } from './api';

export class QueueDesk {
  /** Null while not waiting. */
  readonly queued = signal<Queued | null>(null);

  constructor(private readonly api: Api) {}

  /** Asks where one stands. What became known while the answer was on its way is newer. */
  async look(): Promise<void> {
    const before = this.queued.peek();
    const answer = await this.api.own('GET', 'queue');
    if (this.queued.peek() === before) this.queued.value = answer === null ? null : readQueued(answer);
  }

  async join(game: string, mode: string): Promise<void> {
    this.queued.value = readQueued(await this.api.own('POST', 'queue', { game, mode }));
  }

  async cancel(): Promise<void> {
    await this.api.own('DELETE', 'queue');
    this.queued.value = null;
  }
}
