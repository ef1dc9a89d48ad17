// What the lobby answers, as the page uses it. Every reader takes anything and never throws; a record
// without what names it reads as null.

import { type Fields, fields, flag, list, number, text, texts, time } from './fields';

export interface Player {
  id: string;
  name: string;
  /** Tells players of one name apart. */
  tag: number;
  guest: boolean;
}

/** A player who is signed in, and how to go on being that. */
export interface SignedIn {
  /** "" if this device has it already. */
  device: string;
  session: string;
  /** Milliseconds since 1970. */
  expires: number;
  player: Player;
}

export interface Mode {
  name: string;
  title: string;
  teams: number;
  players: number;
}

export interface Game {
  name: string;
  maxPlayers: number;
  modes: Mode[];
  maps: string[];
}

export interface Room {
  id: string;
  game: string;
  /** What its owner calls it, "" for nothing. */
  name: string;
  /** What is being played. */
  title: string;
  mode: string;
  map: string;
  people: number;
  bots: number;
  /** Seats kept for people on their way. */
  booked: number;
  maxPlayers: number;
  watchers: number;
  watchSeats: number;
  locked: boolean;
  private: boolean;
  password: boolean;
  owner: string;
  /** Of the game socket of the server it is on, "" for the one that the page came from. */
  url: string;
}

export interface Offer {
  ticket: string;
  room: string;
  url: string;
}

export interface Queued {
  mode: string;
  /** Milliseconds since 1970. */
  since: number;
  /** Estimated seconds from now. */
  wait: number;
  waiting: number;
}

export interface Played {
  id: string;
  mode: string;
  map: string;
  /** Milliseconds since 1970. */
  ended: number;
  seats: number;
  place: number;
  score: number;
  kills: number;
  deaths: number;
  shots: number;
  hits: number;
  /** The rating afterwards, and what the match did to it; null if it was not rated. */
  after: number | null;
  change: number | null;
  /** Of its replay, "" if there is none to be seen. */
  replay: string;
}

export interface Rating {
  mode: string;
  rating: number;
  matches: number;
  wins: number;
}

export interface BoardRow {
  place: number;
  player: string;
  name: string;
  tag: number;
  /** The rating of all time, or the points of a season or week. */
  value: number;
  matches: number;
}

export interface Board {
  rows: BoardRow[];
  /** The one that was asked about, if on the board. */
  me: BoardRow | null;
}

export const readPlayer = (v: unknown): Player => {
  const p = fields(v);
  return { id: text(p.id), name: text(p.name), tag: number(p.tag), guest: flag(p.guest) };
};

export const readSignedIn = (v: unknown): SignedIn => {
  const s = fields(v);
  return {
    device: text(s.device),
    session: text(s.session),
    expires: time(s.expires),
    player: readPlayer(s.player),
  };
};

export const readGames = (v: unknown): Game[] =>
  list(fields(v).games, (g) => ({
    name: text(g.name),
    maxPlayers: number(g.maxPlayers),
    modes: list(g.modes, (m) =>
      text(m.name) === ''
        ? null
        : {
            name: text(m.name),
            title: text(m.title) || text(m.name),
            teams: number(m.teams),
            players: number(m.players),
          },
    ),
    maps: texts(g.maps),
  }));

export function readRoom(v: unknown): Room | null {
  const r = fields(v);
  if (text(r.id) === '') return null;
  return {
    id: text(r.id),
    game: text(r.game),
    name: text(r.name),
    title: text(r.title),
    mode: text(r.mode),
    map: text(r.map),
    people: number(r.people),
    bots: number(r.bots),
    booked: number(r.booked),
    maxPlayers: number(r.maxPlayers),
    watchers: number(r.watchers),
    watchSeats: number(r.watchSeats),
    locked: flag(r.locked),
    private: flag(r.private),
    password: flag(r.password),
    owner: text(r.owner),
    url: text(r.url),
  };
}

export const readRooms = (v: unknown): Room[] => list(fields(v).rooms, readRoom);

export function readOffer(v: unknown): Offer | null {
  const o = fields(v);
  if (text(o.ticket) === '' || text(o.room) === '') return null;
  return { ticket: text(o.ticket), room: text(o.room), url: text(o.url) };
}

export const readQueued = (v: unknown): Queued => {
  const q = fields(v);
  return {
    mode: text(q.mode),
    since: time(q.since),
    wait: Math.max(0, number(q.waitSec)),
    waiting: number(q.waiting),
  };
};

export const readMatches = (v: unknown): Played[] =>
  list(fields(v).matches, (m) => {
    const rated = flag(m.rated) && typeof m.after === 'number' && typeof m.before === 'number';
    return {
      id: text(m.id),
      mode: text(m.mode),
      map: text(m.map),
      ended: time(m.ended),
      seats: number(m.seats),
      place: number(m.place),
      score: number(m.score),
      kills: number(m.kills),
      deaths: number(m.deaths),
      shots: number(m.shots),
      hits: number(m.hits),
      after: rated ? number(m.after) : null,
      change: rated ? number(m.after) - number(m.before) : null,
      replay: text(m.replay),
    };
  });

export const readRatings = (v: unknown): Rating[] =>
  list(fields(v).ratings, (r) => ({
    mode: text(r.mode),
    rating: number(r.rating),
    matches: number(r.matches),
    wins: number(r.wins),
  }));

const readRow = (r: Fields): BoardRow | null =>
  text(r.player) === ''
    ? null
    : {
        place: number(r.place),
        player: text(r.player),
        name: text(r.name),
        tag: number(r.tag),
        value: number(r.rating ?? r.points),
        matches: number(r.matches),
      };

export const readBoard = (v: unknown): Board => {
  const b = fields(v);
  return { rows: list(b.rows, readRow), me: readRow(fields(b.player)) };
};
