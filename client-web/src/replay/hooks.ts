// Read-only facts for tests and the curious, as window.hindsightReplay.

import { hud } from '../hud/state';
import { show } from './state';
import type { Viewer } from './viewer';

export interface ReplayFacts {
  open: boolean;
  tick: number;
  length: number;
  playing: boolean;
  speed: number;
  seeking: boolean;
  /** Whom the camera follows, 0 for nobody. */
  following: number;
  camera: { x: number; y: number; zoom: number };
  players: { id: number; x: number; y: number }[];
  rows: { player: number; name: string; points: number }[];
}

declare global {
  interface Window {
    readonly hindsightReplay?: ReplayFacts;
  }
}

export function exposeReplayFacts(viewer: Viewer): void {
  const { core } = viewer;
  const kind = core.schema.kind('player');
  const [x, y] = [kind.at('x'), kind.at('y')];
  const facts = (): ReplayFacts => {
    const p = core.picture;
    const players: ReplayFacts['players'] = [];
    for (p.entities(); p.nextEntity(); ) {
      if (p.kind !== kind.id) continue;
      players.push({ id: p.owner, x: p.words[p.at + x] / 16, y: p.words[p.at + y] / 16 });
    }
    return {
      open: show.about.peek() !== null,
      tick: show.tick.peek(),
      length: show.about.peek()?.length ?? 0,
      playing: show.playing.peek(),
      speed: show.speed.peek(),
      seeking: show.jump.peek() !== null,
      following: hud.freeCamera.peek() ? 0 : hud.following.peek(),
      camera: viewer.camera,
      players,
      rows: hud.rows.peek().map(({ player, name, points }) => ({ player, name, points })),
    };
  };
  Object.defineProperty(window, 'hindsightReplay', { get: facts });
}
