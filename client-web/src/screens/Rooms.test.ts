import { describe, expect, it } from 'vitest';
import { readRooms } from './Rooms';

describe('the list of rooms', () => {
  it('takes what is complete and leaves the rest', () => {
    const room = { id: 'arena', game: 'arena', title: 'Foundry', people: 3, bots: 3, maxPlayers: 32 };
    expect(readRooms({ rooms: [room, { id: 7 }, null, { ...room, title: undefined }] })).toEqual([
      { id: 'arena', title: 'Foundry', people: 3, maxPlayers: 32 },
      { id: 'arena', title: 'arena', people: 3, maxPlayers: 32 },
    ]);
  });

  it.each([null, 3, 'x', [], {}, { rooms: 3 }])('is empty for %j', (answer) => {
    expect(readRooms(answer)).toEqual([]);
  });
});
