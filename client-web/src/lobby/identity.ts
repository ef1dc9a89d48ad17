// Who this page is. A guest is made without a word when first needed: the device token, kept in this
// browser, stands for the player; the session, which it is exchanged for, stays in memory.

import { signal } from '@preact/signals';
import { Refused } from '../link';
import { type Player, readPlayer, readSignedIn, type SignedIn } from './answers';
import type { Api, Credentials } from './api';
import { fields, text } from './fields';

const deviceKey = 'hindsight.device';
/** A session is renewed this long before it ends. */
const aheadMs = 60_000;

export class Identity implements Credentials {
  /** Null until the server has said. */
  readonly me = signal<Player | null>(null);
  private device = readDevice();
  private signedIn: SignedIn | undefined;
  private asking: Promise<SignedIn> | undefined;

  constructor(
    private readonly api: Api,
    /** The name for a new guest. */
    private readonly wantedName: () => string,
  ) {
    api.credentials = this;
  }

  async session(again: boolean): Promise<string> {
    if (again || !this.signedIn || this.signedIn.expires - Date.now() < aheadMs) {
      // One question for all who wait: a page that opens asks for many things at once.
      this.asking ??= this.ask().finally(() => {
        this.asking = undefined;
      });
      return (await this.asking).session;
    }
    return this.signedIn.session;
  }

  /** Takes another name. Returns the one that the player now has. */
  async rename(name: string): Promise<string> {
    await this.session(false);
    const answer = fields(await this.api.own('PATCH', 'me', { name, device: this.device }));
    const player = readPlayer(answer.player);
    if (this.signedIn && text(answer.session) !== '') {
      this.signedIn = { ...this.signedIn, player, session: text(answer.session) };
    }
    this.me.value = player;
    return player.name;
  }

  /**
   * Takes the name unless it is the player's already. A name that is not allowed is for its owner to
   * change; one that cannot be had now is no reason not to play.
   */
  async beCalled(name: string): Promise<void> {
    await this.session(false);
    if (this.me.peek()?.name === name) return;
    try {
      await this.rename(name);
    } catch (problem) {
      if (!(problem instanceof Refused) || problem.code === 'invalid_name') throw problem;
    }
  }

  /** Makes an account of this guest: what was played stays. */
  async register(login: string, password: string): Promise<void> {
    await this.session(false);
    this.take(await this.api.open('POST', 'accounts', { login, password, device: this.device }));
  }

  async logIn(login: string, password: string): Promise<void> {
    this.take(await this.api.open('POST', 'login', { login, password, device: this.device }));
  }

  /** Forgets the player on this device; the next request makes a new guest. */
  async logOut(): Promise<void> {
    await this.api.open('DELETE', 'devices', { device: this.device });
    this.signedIn = undefined;
    this.keep('');
    await this.session(true);
  }

  /** Ends a sign-in by way of another site with the query it sent the player back with. */
  async fromSite(query: string): Promise<void> {
    this.take(await this.api.open('POST', 'oidc', { query, device: this.device }));
  }

  private async ask(): Promise<SignedIn> {
    if (this.device !== '') {
      try {
        return this.take(await this.api.open('POST', 'sessions', { device: this.device }));
      } catch (problem) {
        // The server has forgotten this device (another database): begin as a new guest.
        if (!(problem instanceof Refused) || problem.code !== 'unknown_device') throw problem;
      }
    }
    return this.take(await this.api.open('POST', 'guests', { name: this.wantedName() }));
  }

  private take(answer: unknown): SignedIn {
    const s = readSignedIn(answer);
    if (s.device !== '') this.keep(s.device);
    this.signedIn = s;
    this.me.value = s.player;
    return s;
  }

  private keep(device: string): void {
    this.device = device;
    try {
      if (device === '') localStorage.removeItem(deviceKey);
      else localStorage.setItem(deviceKey, device);
    } catch {
      // Storage is off: the guest lasts as long as the page.
    }
  }
}

function readDevice(): string {
  try {
    return localStorage.getItem(deviceKey) ?? '';
  } catch {
    return '';
  }
}
