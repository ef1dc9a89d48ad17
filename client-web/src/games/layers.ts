// The layers of the arena in which things move, bottom to top: as few as the order allows, for each costs a
// draw call. Light adds up, so within a layer of light the order is none.

import { Layer } from '../render/layer';
import type { Stage } from '../render/stage';

export class Layers {
  /** On the floor: places, scorch marks. */
  readonly floor: Layer;
  /** Light on the floor, and smoke. */
  readonly haze: Layer;
  /** Icons, and the guns that drones carry. */
  readonly things: Layer;
  readonly hulls: Layer;
  /** Light over all: shots, shields, sparks. */
  readonly light: Layer;
  /** On the glass: health bars, and the names over them. */
  readonly bars: Layer;
  readonly names: Layer;
  private readonly all: Layer[];

  constructor({ camera, glass }: Stage) {
    this.floor = new Layer('normal', camera.seen);
    this.haze = new Layer('add', camera.seen);
    this.things = new Layer('normal', camera.seen);
    this.hulls = new Layer('normal', camera.seen);
    this.light = new Layer('add', camera.seen);
    this.bars = new Layer('normal', glass);
    this.names = new Layer('normal', glass);
    this.all = [this.floor, this.haze, this.things, this.hulls, this.light, this.bars, this.names];
  }

  /** Ends a frame. */
  end(): void {
    for (const l of this.all) l.end();
  }
}
