// The lobby as the page knows it: who one is, which rooms there are, the queue, the party and what is
// said. Signals show it; the stream of events keeps it true. Where no lobby answers, everything here
// stays empty and the page plays by walking in.

import { signal } from '@preact/signals';
import type { Admission, Pass } from '../link';
import {
  type Board,
  type Game,
  type Offer,
  type Played,
  type Rating,
  type Room,
  readBoard,
  readGames,
  readMatches,
  readOffer,
  readRatings,
  readRoom,
  readRooms,
} from './answers';
import { Api, query, Unreachable } from './api';
import { ChatDesk } from './chat';
import { EventStream, type LobbyEvent } from './events';
import { fields, flag } from './fields';
import { Identity } from './identity';
import { PartyDesk } from './party';
import { QueueDesk } from './queue';

/** The seat that a player wants. */
export interface Wish {
  /** "" leaves the choice to the lobby. */
  room: string;
  password?: string;
  watch?: boolean;
}

/** What a player asks of a new room. */
export interface RoomPlan {
  game: string;
  name: string;
  mode: string;
  maps: string[];
  /** Seconds. */
  time: number;
  score: number;
  maxPlayers: number;
  bots: number;
  botSkill: number;
  watchers: number;
  private: boolean;
  password: string;
}

/** A hidden page lets a visible one of the same player go to a match first. */
const hiddenWaitMs = 400;
/** No page of the same player goes to the same match within this time: an offer lives 15 s. */
const matchLockMs = 20_000;

export class Lobby {
  /** Null until it has answered for the first time. */
  readonly reachable = signal<boolean | null>(null);
  readonly games = signal<readonly Game[]>([]);
  /** Players may sign in by way of another site. */
  readonly site = signal(false);
  readonly rooms = signal<readonly Room[]>([]);
  readonly api = new Api();
  readonly identity: Identity;
  readonly queue = new QueueDesk(this.api);
  readonly party = new PartyDesk(this.api);
  readonly chat = new ChatDesk(this.api);
  /** Called with the seat in a match that was found. */
  matched: (offer: Offer) => void = () => {};
  private readonly stream: EventStream;

  constructor(private readonly wantedName: () => string) {
    this.identity = new Identity(this.api, wantedName);
    this.stream = new EventStream(this.api, {
      opened: () => {
        this.reachable.value = true;
        void this.lookAtAll();
      },
      event: (e) => this.take(e),
      closed: () => {
        // Where there never was a lobby, none is missed.
        if (this.reachable.peek() !== null) this.reachable.value = false;
      },
    });
  }

  /** Begins to listen. A page in the background listens only if it waits for something. */
  start(): void {
    this.stream.start();
    document.addEventListener('visibilitychange', () => {
      const waits = this.queue.queued.peek() !== null || this.party.party.peek() !== null;
      if (!document.hidden) this.stream.start();
      else if (!waits) this.stream.stop();
    });
  }

  /** Returns what gets the wished seat; without a lobby one walks in. */
  admission(wish: Wish): Admission {
    return async (): Promise<Pass> => {
      const watch = wish.watch ?? false;
      try {
        await this.identity.beCalled(this.wantedName());
        const asked = {
          ...(wish.room === '' ? {} : { room: wish.room }),
          ...(wish.password ? { password: wish.password } : {}),
          ...(watch ? { watch } : {}),
        };
        const offer = readOffer(await this.api.own('POST', 'seats', asked));
        if (!offer) throw new Unreachable();
        this.reachable.value = true;
        return { ...offer, watch };
      } catch (problem) {
        if (!(problem instanceof Unreachable)) throw problem;
        return { room: wish.room, ticket: '', url: '', watch };
      }
    };
  }

  /** Opens a room. The same key opens the same room, however often it is tried. */
  async openRoom(plan: RoomPlan, key: string): Promise<Room | null> {
    return readRoom(await this.api.own('POST', 'rooms', plan, { 'Idempotency-Key': key }));
  }

  async lockRoom(id: string, locked: boolean): Promise<void> {
    await this.api.own('POST', `rooms/${encodeURIComponent(id)}/lock`, { locked });
  }

  async room(id: string): Promise<Room | null> {
    return readRoom(await this.api.open('GET', `rooms/${encodeURIComponent(id)}`));
  }

  async history(player: string): Promise<Played[]> {
    const path = `players/${player}/matches?limit=100`;
    // Replays of rooms that are on no list are told to those who were there.
    const mine = player === this.identity.me.peek()?.id;
    return readMatches(await (mine ? this.api.own('GET', path) : this.api.open('GET', path)));
  }

  async ratings(player: string): Promise<Rating[]> {
    return readRatings(await this.api.open('GET', `players/${player}/ratings`));
  }

  async board(game: string, mode: string, period: string, player: string): Promise<Board> {
    return readBoard(await this.api.open('GET', `leaderboards${query({ game, mode, period, player })}`));
  }

  private take(e: LobbyEvent): void {
    if (e.kind === 'rooms') void this.lookAtRooms();
    else if (e.kind === 'queue') void this.queue.look().catch(ignore);
    else if (e.kind === 'match') void this.takeOffer(e.data);
    else if (e.kind === 'party') this.party.hear(e.data);
    else if (e.kind === 'chat') this.chat.hear(e.data);
    else if (e.kind === 'missed') void this.lookAtAll();
  }

  private async lookAtAll(): Promise<void> {
    await Promise.all([
      this.lookAtRooms(),
      this.lookAtGames(),
      this.queue.look().catch(ignore),
      this.party.look().catch(ignore),
    ]);
  }

  private async lookAtRooms(): Promise<void> {
    try {
      this.rooms.value = readRooms(await this.api.open('GET', 'rooms'));
    } catch {
      this.rooms.value = [];
    }
  }

  private async lookAtGames(): Promise<void> {
    try {
      const answer = await this.api.open('GET', 'games');
      this.games.value = readGames(answer);
      this.site.value = flag(fields(answer).oidc);
    } catch {
      // The last list will do.
    }
  }

  /** A match was found. All pages of the player hear of it; one of them goes. */
  private async takeOffer(data: unknown): Promise<void> {
    this.queue.queued.value = null;
    const offer = readOffer(data);
    if (!offer) return;
    if (!('locks' in navigator)) {
      this.matched(offer); // not a secure page
      return;
    }
    if (document.hidden) await new Promise((resolve) => setTimeout(resolve, hiddenWaitMs));
    await navigator.locks.request(`hindsight.match.${offer.room}`, { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      this.matched(offer);
      await new Promise((resolve) => setTimeout(resolve, matchLockMs));
    });
  }
}

/** What could not be looked up now is looked up with the next event. */
const ignore = (): void => {};
