import { describe, expect, it } from 'vitest';
import { Picture } from './picture';
import { packStrings, RecordReader } from './record';
import { Row, Schema } from './schema';

/** Writes a record the way wasm/record.go does. */
function record(...values: (number | string | string[])[]): Uint8Array {
  const bytes: number[] = [];
  const put = (v: number | string): void => {
    if (typeof v === 'string') {
      const text = new TextEncoder().encode(v);
      put(text.length);
      bytes.push(...text);
    } else {
      bytes.push(v & 255, (v >> 8) & 255, (v >> 16) & 255, (v >> 24) & 255);
    }
  };
  for (const v of values) {
    if (Array.isArray(v)) {
      put(v.length);
      v.forEach(put);
    } else put(v);
  }
  return Uint8Array.from(bytes);
}

const head = ['own', 'entities', 'entityCount', 'events', 'eventCount'];
const schemaBytes = record(
  'toy',
  60,
  head,
  ['rtt'],
  ['x', 'health'],
  2,
  0,
  'rock',
  ['x', 'y'],
  1,
  'tree',
  ['height'],
  1,
  7,
  'hit',
  ['who'],
  1,
  'flagMega',
  8,
  1,
  'blaster',
  0,
);

describe('the schema record', () => {
  it('gives fields, events, constants and weapons by name', () => {
    const s = new Schema(new RecordReader(schemaBytes));
    expect(s.own.at('health')).toBe(1);
    expect(s.kind('tree')).toMatchObject({ id: 1, fields: ['height'] });
    expect(s.event('hit')).toMatchObject({ id: 7 });
    expect(s.constant('flagMega')).toBe(8);
    expect(s.weapons).toEqual([{ id: 1, name: 'blaster', maxAmmo: 0 }]);
  });

  it('refuses a name that does not exist instead of drawing nonsense', () => {
    expect(() => new Row(0, 'rock', ['x']).at('z')).toThrow('rock has no field z');
  });

  it('throws on a record that is cut off', () => {
    expect(() => new Schema(new RecordReader(schemaBytes.slice(0, 40)))).toThrow(RangeError);
  });
});

describe('the picture', () => {
  it('walks entities of different sizes, then events', () => {
    const p = new Picture(new Schema(new RecordReader(schemaBytes)));
    //               head             own     rock                  tree                events
    p.words = Int32Array.from([
      5, 7, 2, 18, 2, 50, 90, 0, 11, 0, 3, 160, -320, 1, 12, 4, 9, 77, 7, 100, 1, 42, 7, 101, 0,
    ]);
    expect(p.words[p.own + 1]).toBe(90);

    const seen: number[][] = [];
    for (p.entities(); p.nextEntity(); ) seen.push([p.kind, p.id, p.owner, p.birth, p.words[p.at]]);
    expect(seen).toEqual([
      [0, 11, 0, 3, 160],
      [1, 12, 4, 9, 77],
    ]);

    const events: number[][] = [];
    for (p.events(); p.nextEvent(); ) events.push([p.kind, p.tick, p.count, p.count > 0 ? p.words[p.at] : 0]);
    expect(events).toEqual([
      [7, 100, 1, 42],
      [7, 101, 0, 0],
    ]);
  });
});

describe('a picture whose memory has moved', () => {
  it('is empty rather than endless', () => {
    const p = new Picture(new Schema(new RecordReader(schemaBytes)));
    p.entities();
    expect(p.nextEntity()).toBe(false);
    p.events();
    expect(p.nextEvent()).toBe(false);
  });
});

describe('records', () => {
  it('carry any text to Go and back', () => {
    const r = new RecordReader(packStrings('', 'Zoë 🦦', 'x'));
    expect([r.string(), r.string(), r.string(), r.done]).toEqual(['', 'Zoë 🦦', 'x', true]);
  });
});
