// What is said outside the rooms.

import { signal } from '@preact/signals';
import type { Api } from './api';
import { fields, number, text, time } from './fields';

export type Channel = 'lobby' | 'party';

export interface Line {
  key: number;
  to: string;
  /** The speaker's id. */
  from: string;
  name: string;
  tag: number;
  text: string;
  /** Milliseconds since 1970. */
  at: number;
}

const most = 200;

export class ChatDesk {
  readonly lines = signal<readonly Line[]>([]);
  /** Lines that came since somebody looked. */
  readonly unread = signal(0);
  private nextKey = 1;

  constructor(private readonly api: Api) {}

  /** Takes a line from the stream. */
  hear(v: unknown): void {
    const l = fields(v);
    if (text(l.text) === '') return;
    const line: Line = {
      key: this.nextKey++,
      to: text(l.to),
      from: text(l.from),
      name: text(l.name),
      tag: number(l.tag),
      text: text(l.text),
      at: time(l.at) || Date.now(),
    };
    this.lines.value = [...this.lines.peek(), line].slice(-most);
    this.unread.value++;
  }

  async say(to: Channel, words: string): Promise<void> {
    await this.api.own('POST', 'chat', { to, text: words });
  }
}
