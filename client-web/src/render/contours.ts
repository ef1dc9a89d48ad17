// From tiles to outlines: the closed loops round every connected area of a tile sort.

/** Corners as x, y, x, y.. in tiles; the last joins the first. */
export type Loop = number[];

/**
 * Finds the outlines of all tiles for which `inside` holds. Walks each boundary edge once with the
 * area on its right, so that holes run the other way round; straight runs are one edge. The outside
 * of the grid does not count as area, so areas are closed at the border.
 */
export function loops(width: number, height: number, inside: (x: number, y: number) => boolean): Loop[] {
  const within = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && inside(x, y);
  // Directed edges by their starting corner; at most two start at one corner (areas touching there).
  const edges = new Map<number, number[]>();
  const corner = (x: number, y: number) => y * (width + 1) + x;
  const add = (x0: number, y0: number, x1: number, y1: number) => {
    const from = corner(x0, y0);
    const list = edges.get(from);
    if (list) list.push(corner(x1, y1));
    else edges.set(from, [corner(x1, y1)]);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!within(x, y)) continue;
      if (!within(x, y - 1)) add(x, y, x + 1, y);
      if (!within(x + 1, y)) add(x + 1, y, x + 1, y + 1);
      if (!within(x, y + 1)) add(x + 1, y + 1, x, y + 1);
      if (!within(x - 1, y)) add(x, y + 1, x, y);
    }
  }
  const out: Loop[] = [];
  for (const start of edges.keys()) {
    while (edges.get(start)?.length) out.push(walk(edges, start, width + 1));
  }
  return out;
}

/** Follows edges from a corner until back there, dropping corners on straight runs. */
function walk(edges: Map<number, number[]>, start: number, stride: number): Loop {
  const path: number[] = [];
  let at = start;
  let came = 0;
  do {
    const ways = edges.get(at);
    if (!ways?.length) break;
    // Where two areas touch at a corner, turn right: each area keeps its own outline.
    const right = rightOf(came, stride);
    const pick = Math.max(
      0,
      ways.findIndex((w) => w - at === right),
    );
    const to = ways.splice(pick, 1)[0];
    path.push(at);
    came = to - at;
    at = to;
  } while (at !== start);
  const n = path.length;
  const loop: Loop = [];
  for (let i = 0; i < n; i++) {
    const before = path[(i + n - 1) % n];
    const after = path[(i + 1) % n];
    if (path[i] - before !== after - path[i]) loop.push(path[i] % stride, Math.floor(path[i] / stride));
  }
  return loop;
}

/** The step a right turn takes after a step, with y growing downwards. */
function rightOf(step: number, stride: number): number {
  switch (step) {
    case 1:
      return stride;
    case stride:
      return -1;
    case -1:
      return -stride;
    default:
      return 1;
  }
}
