// What the HUD shows. The game's drawing writes these once a frame; a signal wakes its readers only
// when its value has changed, so an unchanged frame costs no rendering at all.

import { signal } from '@preact/signals';
import type { Seat } from '../core';

export interface ScoreRow {
  player: number;
  name: string;
  bot: boolean;
  team: number;
  colour: string;
  kills: number;
  deaths: number;
  assists: number;
  points: number;
  status: number;
  me: boolean;
}

export interface FeedLine {
  key: number;
  killer: string;
  victim: string;
  weapon: string;
  killerColour: string;
  victimColour: string;
  mine: boolean;
  until: number;
}

export interface ChatEntry {
  key: number;
  name: string;
  colour: string;
  text: string;
  until: number;
}

export interface WeaponSlot {
  id: number;
  name: string;
  owned: boolean;
  ammo: number;
}

/** Through whose eyes the last seconds are seen again. */
export interface LookBack {
  player: number;
  name: string;
  colour: string;
  weapon: string;
  /** Times real time. */
  speed: number;
}

export const hud = {
  /** A match is shown: the rest means something. */
  present: signal(false),
  /** What is shown was recorded: there is no next match and nobody to be. */
  recorded: signal(false),
  /** Looking on without a seat. */
  watching: signal(false),
  /** Who looks on follows that player, unless the camera is free. */
  following: signal(0),
  freeCamera: signal(false),
  alive: signal(false),
  health: signal(0),
  armour: signal(0),
  weapon: signal(0),
  ammo: signal(0),
  /** One per weapon; replaced as a whole when any changes. */
  slots: signal<readonly WeaponSlot[]>([]),
  /** 0 to 1: how far the dash has recovered. */
  dash: signal(1),
  /** Whole tenths of seconds until the next life. */
  respawnIn: signal(0),
  killedBy: signal(''),
  /** What is shown is the past, until the next life. */
  lookBack: signal<LookBack | null>(null),
  phase: signal<'warmup' | 'live' | 'intermission'>('warmup'),
  /** Whole seconds until the phase ends. */
  secondsLeft: signal(0),
  teams: signal(false),
  limit: signal(0),
  myTeam: signal(0),
  red: signal(0),
  blue: signal(0),
  winner: signal(''),
  rows: signal<readonly ScoreRow[]>([]),
  feed: signal<readonly FeedLine[]>([]),
  chat: signal<readonly ChatEntry[]>([]),
  /** A short line in the middle: "You destroyed Ada", "5 in a row". */
  announce: signal(''),
  title: signal(''),
  roomId: signal(''),
  /** Who is in the room, bots included. */
  people: signal<readonly Seat[]>([]),
  scoreboardOpen: signal(false),
  chatOpen: signal(false),
  graphOpen: signal(false),
  menuOpen: signal(false),
};

let nextKey = 1;
/** A key for a new line of a list. */
export const freshKey = (): number => nextKey++;

/** Takes lines away whose time is over; `now` is performance.now(). */
export function expireLines(now: number): void {
  const feed = hud.feed.peek();
  if (feed.some((l) => l.until <= now)) hud.feed.value = feed.filter((l) => l.until > now);
  const chat = hud.chat.peek();
  if (chat.some((l) => l.until <= now)) hud.chat.value = chat.filter((l) => l.until > now);
}
