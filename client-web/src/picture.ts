// One drawn moment, read where Go wrote it: a row of 32-bit words in the WASM memory, without a copy
// and without an object per entity. The layout, all in words:
//
//   head       one word for each field of Schema.head; it says where the rest is
//   own row    one word for each field of Schema.own, if the player has one
//   entities   each: kind, id, owner, birth, then one word for each field of its kind
//   events     each: kind, tick, count, then that many arguments
//
// A Picture is valid until the next call into Go.

import type { Schema } from './schema';

export class Picture {
  words: Int32Array = new Int32Array(0);
  /** Where the current entity's or event's fields begin in `words`. */
  at = 0;
  kind = 0;
  id = 0;
  owner = 0;
  birth = 0;
  tick = 0;
  count = 0;

  private left = 0;
  private following = 0;
  private readonly sizes: number[];
  private readonly headAt: {
    own: number;
    entities: number;
    entityCount: number;
    events: number;
    eventCount: number;
  };

  constructor(readonly schema: Schema) {
    const h = schema.head;
    this.headAt = {
      own: h.at('own'),
      entities: h.at('entities'),
      entityCount: h.at('entityCount'),
      events: h.at('events'),
      eventCount: h.at('eventCount'),
    };
    this.sizes = schema.kinds.map((k) => k.fields.length);
  }

  /** The own row's place in `words`, 0 if there is none yet. */
  get own(): number {
    return this.words[this.headAt.own];
  }

  get entityCount(): number {
    return this.words[this.headAt.entityCount];
  }

  /** Readies the walk over the entities: `for (p.entities(); p.nextEntity();)`. */
  entities(): void {
    this.left = this.words[this.headAt.entityCount];
    this.following = this.words[this.headAt.entities];
  }

  nextEntity(): boolean {
    if (!(this.left > 0)) return false; // also when the memory has moved and there is nothing to read
    this.left--;
    const w = this.words;
    const i = this.following;
    this.kind = w[i];
    this.id = w[i + 1];
    this.owner = w[i + 2];
    this.birth = w[i + 3];
    this.at = i + 4;
    this.following = this.at + this.sizes[this.kind];
    return true;
  }

  /** Readies the walk over the events: `for (p.events(); p.nextEvent();)`. */
  events(): void {
    this.left = this.words[this.headAt.eventCount];
    this.following = this.words[this.headAt.events];
  }

  nextEvent(): boolean {
    if (!(this.left > 0)) return false;
    this.left--;
    const w = this.words;
    const i = this.following;
    this.kind = w[i];
    this.tick = w[i + 1];
    this.count = w[i + 2];
    this.at = i + 3;
    this.following = this.at + this.count;
    return true;
  }
}
