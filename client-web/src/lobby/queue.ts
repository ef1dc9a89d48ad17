// Waiting for a match.

import { signal } from '@preact/signals';
import { type Queued, readQueued } from './answers';
import type { Api } from './api';

export class QueueDesk {
  /** Null while not waiting. */
  readonly queued = signal<Queued | null>(null);

  constructor(private readonly api: Api) {}

  async look(): Promise<void> {
    const answer = await this.api.own('GET', 'queue');
    this.queued.value = answer === null ? null : readQueued(answer);
  }

  async join(game: string, mode: string): Promise<void> {
    this.queued.value = readQueued(await this.api.own('POST', 'queue', { game, mode }));
  }

  async cancel(): Promise<void> {
    await this.api.own('DELETE', 'queue');
    this.queued.value = null;
  }
}
