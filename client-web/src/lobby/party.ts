// The party: friends who stay together. The lobby tells the whole of it with every change.

import { signal } from '@preact/signals';
import type { Api } from './api';
import { fields, flag, list, number, text } from './fields';

export interface Member {
  id: string;
  name: string;
  tag: number;
  ready: boolean;
  away: boolean;
}

export interface Party {
  id: string;
  code: string;
  /** Counts the changes: the highest is the truth. */
  rev: number;
  leader: string;
  state: 'idle' | 'searching' | 'playing';
  members: Member[];
}

const states = ['idle', 'searching', 'playing'] as const;

function readParty(v: unknown): Party | null {
  const p = fields(v);
  if (text(p.id) === '') return null;
  return {
    id: text(p.id),
    code: text(p.code),
    rev: number(p.rev),
    leader: text(p.leader),
    state: states.find((known) => known === p.state) ?? 'idle',
    members: list(p.members, (m) =>
      text(m.id) === ''
        ? null
        : {
            id: text(m.id),
            name: text(m.name),
            tag: number(m.tag),
            ready: flag(m.ready),
            away: flag(m.away),
          },
    ),
  };
}

export class PartyDesk {
  /** Null while in none. */
  readonly party = signal<Party | null>(null);

  constructor(private readonly api: Api) {}

  /** Asks which party it is. What became known while the answer was on its way is newer. */
  async look(): Promise<void> {
    const before = this.party.peek();
    const answer = await this.api.own('GET', 'parties/mine');
    if (this.party.peek() === before) this.party.value = answer === null ? null : readParty(answer);
  }

  /** Takes news from the stream. Older ones than are shown are old news. */
  hear(v: unknown): void {
    const party = readParty(fields(v).party);
    const shown = this.party.peek();
    if (!party || (shown?.id === party.id && shown.rev > party.rev)) return;
    // Who is no longer a member is shown none.
    if (party.members.length > 0) this.party.value = party;
    else if (shown?.id === party.id) this.party.value = null;
  }

  async create(): Promise<void> {
    this.party.value = readParty(await this.api.own('POST', 'parties'));
  }

  async join(code: string): Promise<void> {
    this.party.value = readParty(await this.api.own('POST', 'parties/join', { code }));
  }

  async leave(): Promise<void> {
    await this.api.own('DELETE', 'parties/mine');
    this.party.value = null;
  }

  async ready(ready: boolean): Promise<void> {
    await this.api.own('POST', 'parties/mine/ready', { ready });
  }

  async kick(player: string): Promise<void> {
    await this.api.own('POST', 'parties/mine/kick', { player });
  }

  async promote(player: string): Promise<void> {
    await this.api.own('POST', 'parties/mine/promote', { player });
  }
}
