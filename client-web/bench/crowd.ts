// A crowd where a room has no seats for one: put into the page before its own scripts, it fills every
// picture of the core's with copies of the drones and shots that are in it, names and all, before the page
// sees it. What it measures is reading and drawing them; receiving and predicting stay the room's. The
// function is sent as text, so it uses nothing from outside itself.

/** Fills pictures up to so many drones and shots. */
export function crowd(most: number): void {
  interface Core {
    mem: WebAssembly.Memory;
    draw(now: number): number;
    picture(): number;
    news(): number;
    output(): number;
    replaySpace(bytes: number): number;
  }
  // As wasm/picture.go lays a picture out and wasm/room.go the news, and the arena's schema its rows.
  const head = { entities: 5, count: 6, events: 7 };
  const sizes = [10, 11, 11, 11];
  const firstPositioned = 2;
  const copies = 40;
  const apart = 100; // between the owners of two copies: more than there are players
  const pictureBytes = 1 << 20;
  const newsBytes = 1 << 18;

  /** Copies a picture and adds to it; returns how many words it has then. */
  const multiply = (from: Int32Array, to: Int32Array): number => {
    const [begin, end] = [from[head.entities], from[head.events]];
    to.set(from.subarray(0, end));
    const models: number[] = [];
    for (let i = 0, at = begin; i < from[head.count]; at += sizes[from[at]], i++) {
      if (from[at] >= firstPositioned) models.push(at);
    }
    let next = end;
    let count = from[head.count];
    for (let i = models.length; models.length > 0 && i < most; i++) {
      const at = models[i % models.length];
      const copy = Math.floor(i / models.length);
      to.set(from.subarray(at, at + sizes[from[at]]), next);
      to[next + 1] += copy * 1000;
      to[next + 2] += copy * apart;
      to[next + 4] += ((copy % 5) - 2) * 16 * 60;
      to[next + 5] += (1 + (copy % 3)) * 16 * 50;
      next += sizes[from[at]];
      count++;
    }
    to[head.count] = count;
    to[head.events] = next;
    to.set(from.subarray(end), next);
    return next + from.length - end;
  };

  /** Copies news of the room and gives each copy of a seat a name; returns how many bytes it has then. */
  const invite = (from: DataView, bytes: Uint8Array, to: Uint8Array): number => {
    let at = 0;
    const number = () => {
      at += 4;
      return from.getInt32(at - 4, true);
    };
    const skipText = () => {
      const n = number();
      at += n;
    };
    number(); // match
    skipText(); // room
    skipText(); // token
    skipText(); // build
    number(); // me
    skipText(); // title
    const countAt = at;
    const seats = Array.from({ length: number() }, () => {
      const begin = at;
      number();
      skipText();
      at += 8;
      return bytes.subarray(begin, at);
    });
    to.set(bytes.subarray(0, at));
    const view = new DataView(to.buffer, to.byteOffset);
    view.setInt32(countAt, seats.length * copies, true);
    let next = at;
    for (let copy = 1; copy < copies; copy++) {
      for (const seat of seats) {
        to.set(seat, next);
        view.setInt32(next, view.getInt32(next, true) + copy * apart, true);
        next += seat.length;
      }
    }
    to.set(bytes.subarray(at), next);
    return next + bytes.length - at;
  };

  const crowded = (core: Core): Core => {
    let at = 0;
    let newsAt = 0;
    const room = () => {
      at ||= core.replaySpace(pictureBytes + newsBytes);
      return at;
    };
    return {
      ...core,
      picture: room,
      draw: (now) => {
        const n = core.draw(now);
        room();
        if (n === 0) return 0;
        const from = new Int32Array(core.mem.buffer, core.picture(), n);
        return multiply(from, new Int32Array(core.mem.buffer, at, pictureBytes / 4));
      },
      news: () => {
        const n = core.news();
        if (n === 0) return 0;
        const place = room() + pictureBytes;
        const from = new Uint8Array(core.mem.buffer, core.output(), n);
        newsAt = place;
        return invite(
          new DataView(from.buffer, from.byteOffset, n),
          from,
          new Uint8Array(core.mem.buffer, place, newsBytes),
        );
      },
      output: () => {
        const place = newsAt || core.output();
        newsAt = 0;
        return place;
      },
    };
  };

  const start = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const made = await start(source, imports);
    const exports = crowded(made.instance.exports as unknown as Core);
    const instance = new Proxy(made.instance, {
      get: (of, name) => (name === 'exports' ? exports : Reflect.get(of, name, of)),
    });
    return { module: made.module, instance };
  };
}
