import { describe, expect, it } from 'vitest';
import { EventReader } from './events';

const stream = ': open\n\nevent: rooms\ndata: {}\n\n: beat\n\nevent: chat\ndata: {"text":"hi: there"}\n\n';
const wanted = [
  { kind: 'rooms', data: {} },
  { kind: 'chat', data: { text: 'hi: there' } },
];

describe('the stream of events', () => {
  it('reads events and passes over what is none', () => {
    expect(new EventReader().read(stream)).toEqual(wanted);
  });

  it('does not mind where the network cuts it', () => {
    for (let size = 1; size < 20; size++) {
      const reader = new EventReader();
      const got = [];
      for (let i = 0; i < stream.length; i += size) got.push(...reader.read(stream.slice(i, i + size)));
      expect(got).toEqual(wanted);
    }
  });

  it('reads lines that end in CR LF and data of several lines', () => {
    expect(new EventReader().read('event: a\r\ndata: [1,\r\ndata: 2]\r\n\r\n')).toEqual([
      { kind: 'a', data: [1, 2] },
    ]);
  });

  it('gives null for data that is not JSON', () => {
    expect(new EventReader().read('event: a\ndata: {oops\n\n')).toEqual([{ kind: 'a', data: null }]);
  });
});
