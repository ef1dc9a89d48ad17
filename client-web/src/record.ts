// Texts and lists cross from Go as one record: 32-bit little-endian numbers, and strings as a number
// of bytes followed by UTF-8. wasm/record.go writes and reads the same form.

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Reads a record front to back. Reading past its end throws: both sides are built together. */
export class RecordReader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  number(): number {
    const n = this.view.getInt32(this.at, true);
    this.at += 4;
    return n;
  }

  string(): string {
    const n = this.number();
    if (n < 0 || this.at + n > this.bytes.length) throw new RangeError('record: cut off');
    // A copy, since TextDecoder refuses views of shared or growable memory in some browsers.
    const text = decoder.decode(this.bytes.slice(this.at, this.at + n));
    this.at += n;
    return text;
  }

  strings(): string[] {
    return Array.from({ length: this.number() }, () => this.string());
  }

  data(): Uint8Array {
    const n = this.number();
    if (n < 0 || this.at + n > this.bytes.length) throw new RangeError('record: cut off');
    const out = this.bytes.slice(this.at, this.at + n);
    this.at += n;
    return out;
  }
}

/** Packs strings into a record. */
export function packStrings(...texts: string[]): Uint8Array {
  const parts = texts.map((t) => encoder.encode(t));
  const out = new Uint8Array(parts.reduce((n, p) => n + 4 + p.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const p of parts) {
    view.setInt32(at, p.length, true);
    out.set(p, at + 4);
    at += 4 + p.length;
  }
  return out;
}
