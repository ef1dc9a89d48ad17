// Waiting for a match.

import { signal } from '@preact/signals';
import { Refused } from '../link';
import { type Queued, readQueued } from './answers';
import type { Api } from './api';

export class QueueDesk {
  /** Null while not waiting. */
  readonly queued = signal<Queued | null>(null);

  constructor(private readonly api: Api) {}

  async look(): Promise<void> {
    try {
      this.queued.value = readQueued(await this.api.own('GET', 'queue'));
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      this.queued.value = null;
    }
  }

  async join(game: string, mode: string): Promise<void> {
    this.queued.value = readQueued(await this.api.own('POST', 'queue', { game, mode }));
  }

  async cancel(): Promise<void> {
    await this.api.own('DELETE', 'queue');
    this.queued.value = null;
  }
}
