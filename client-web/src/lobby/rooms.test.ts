import { describe, expect, it } from 'vitest';
import { readRooms } from './answers';
import { narrow, noFilter, partyIn, roomIn, roomName, serversOf, valuesOf, watchable } from './rooms';

const room = (part: object) => ({
  id: 'arena-1',
  game: 'arena',
  title: 'Foundry, free-for-all',
  mode: 'ffa',
  map: 'foundry',
  people: 1,
  maxPlayers: 8,
  watchSeats: 4,
  ...part,
});
const rooms = readRooms({
  rooms: [
    room({ id: 'a', people: 1, booked: 7 }),
    room({
      id: 'b',
      people: 5,
      mode: 'tdm',
      map: 'canals',
      name: 'Ada’s',
      password: true,
      url: 'wss://far/ws',
    }),
    room({ id: 'c', people: 2, locked: true, watchers: 4 }),
    room({ id: 'd', people: 0, url: 'wss://silent/ws' }),
    { id: '', people: 3 },
    null,
    7,
  ],
});
const pings = new Map([
  ['', 20],
  ['wss://far/ws', 100],
]);
const ids = (part: Partial<typeof noFilter>) =>
  narrow(rooms, { ...noFilter, ...part }, pings).map((r) => r.id);

describe('the list of rooms', () => {
  it('leaves out what is no room', () => {
    expect(rooms.map((r) => r.id)).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each([null, 3, 'x', [], {}, { rooms: 3 }])('is empty for %j', (answer) => {
    expect(readRooms(answer)).toEqual([]);
  });

  it('shows the liveliest first', () => {
    expect(ids({})).toEqual(['b', 'c', 'a', 'd']);
  });

  it('is narrowed by mode, map, words and free seats', () => {
    expect(ids({ mode: 'tdm' })).toEqual(['b']);
    expect(ids({ map: 'foundry' })).toEqual(['c', 'a', 'd']);
    expect(ids({ words: ' ADA' })).toEqual(['b']);
    expect(ids({ game: 'chess' })).toEqual([]);
    expect(ids({ free: true })).toEqual(['b', 'd']); // a is promised away, c is locked
  });

  it('leaves out what is locked or has a password', () => {
    expect(ids({ open: true })).toEqual(['a', 'd']); // b has a password, c is locked
    expect(ids({ open: true, free: true })).toEqual(['d']);
  });

  it('is narrowed by ping, and keeps rooms of unknown ping', () => {
    expect(ids({ under: 200 })).toEqual(['b', 'c', 'a', 'd']);
    expect(ids({ under: 100 })).toEqual(['c', 'a', 'd']);
    expect(ids({ under: 20 })).toEqual(['d']);
    expect(narrow(rooms, { ...noFilter, under: 1 }, new Map())).toHaveLength(4);
  });

  it('knows names, values and who may look on', () => {
    expect(rooms.map(roomName)).toEqual([
      'Foundry, free-for-all',
      'Ada’s',
      'Foundry, free-for-all',
      'Foundry, free-for-all',
    ]);
    expect(valuesOf(rooms, 'map')).toEqual(['canals', 'foundry']);
    expect(serversOf(rooms)).toEqual(['', 'wss://far/ws', 'wss://silent/ws']);
    expect(rooms.map(watchable)).toEqual([true, true, false, true]);
  });
});

describe('what was pasted', () => {
  it('is a code or a link', () => {
    expect(roomIn(' arena-7x ')).toBe('arena-7x');
    expect(roomIn('https://play.example/?room=arena-7x')).toBe('arena-7x');
    expect(roomIn('https://play.example/')).toBe('');
    expect(partyIn('http://localhost:8080/?party=K7Q2M9XD')).toBe('K7Q2M9XD');
    expect(partyIn('k7q2-m9xd')).toBe('k7q2-m9xd');
  });
});
