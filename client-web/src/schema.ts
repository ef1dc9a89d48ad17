// The names behind the numbers. Go says once how its rows are laid out; drawing code asks for a
// field by name and keeps the index, so that no index is written down twice.

import type { RecordReader } from './record';

/** The layout of one sort of row: an entity kind, the own row, an event, the picture's head. */
export class Row {
  private readonly index = new Map<string, number>();

  constructor(
    readonly id: number,
    readonly name: string,
    readonly fields: readonly string[],
  ) {
    fields.forEach((f, i) => {
      this.index.set(f, i);
    });
  }

  /** The index of a field. Throws if there is none: names are spelled in code, not in data. */
  at(field: string): number {
    const i = this.index.get(field);
    if (i === undefined) throw new Error(`${this.name} has no field ${field}`);
    return i;
  }
}

/** A weapon as the rules define it. Ids start at 1. */
export interface Weapon {
  id: number;
  name: string;
  maxAmmo: number;
}

export class Schema {
  readonly head: Row;
  readonly stats: Row;
  readonly own: Row;
  readonly kinds: Row[];
  readonly events: Row[];
  /** Named numbers of the game's: flag bits, phases, modes, sizes. */
  readonly constants = new Map<string, number>();
  readonly weapons: Weapon[] = [];
  readonly tickRate: number;
  readonly game: string;

  constructor(r: RecordReader) {
    this.game = r.string();
    this.tickRate = r.number();
    this.head = new Row(0, 'head', r.strings());
    this.stats = new Row(0, 'stats', r.strings());
    this.own = new Row(0, 'own', r.strings());
    this.kinds = readRows(r);
    this.events = readRows(r);
    for (let n = r.number(); n > 0; n--) this.constants.set(r.string(), r.number());
    for (let n = r.number(); n > 0; n--) {
      this.weapons.push({ id: this.weapons.length + 1, name: r.string(), maxAmmo: r.number() });
    }
  }

  kind(name: string): Row {
    return named(this.kinds, name);
  }

  event(name: string): Row {
    return named(this.events, name);
  }

  constant(name: string): number {
    const v = this.constants.get(name);
    if (v === undefined) throw new Error(`the game has no constant ${name}`);
    return v;
  }
}

function readRows(r: RecordReader): Row[] {
  return Array.from({ length: r.number() }, () => {
    const id = r.number();
    return new Row(id, r.string(), r.strings());
  });
}

function named(rows: Row[], name: string): Row {
  const row = rows.find((x) => x.name === name);
  if (!row) throw new Error(`the game has no ${name}`);
  return row;
}
