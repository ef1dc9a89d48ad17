// Read-only facts for tests and the curious, as window.hindsight, and what frames cost, as
// window.hindsightCost. Nothing of the page depends on them.

import type { App } from './app';
import type { Core, Heap } from './core';
import { type CostReport, cost } from './cost';
import { hud } from './hud/state';
import { ui } from './ui';

export interface Facts {
  phase: string;
  attempt: number;
  room: string;
  /** The own player, -1 while looking on. */
  me: number;
  /** Whom the camera follows while looking on, 0 for nobody. */
  following: number;
  /** Whose eyes the last seconds are seen with now, 0 for nobody's; and how often there was such a look. */
  lookBack: number;
  lookBacks: number;
  /** The camera's middle, in units. */
  camera: { x: number; y: number };
  /** Second connections that were tried, and that won. */
  hedged: number;
  rescued: number;
  alive: boolean;
  x: number;
  y: number;
  /** Where the own drone is drawn, in CSS pixels. */
  screen: { x: number; y: number };
  entities: number;
  players: { id: number; x: number; y: number; mine: boolean; foe: boolean }[];
  shotsFired: number;
  confirmedHits: number;
  kills: number;
  stats: Record<string, number>;
}

/** What the page costs, as window.hindsightCost; measured while the net graph is open or with `?measure`. */
export interface Costs {
  /** What the last frames took, that many at most. */
  report(frames?: number): CostReport;
  /** The core's memory. */
  heap(): Heap;
}

declare global {
  interface Window {
    readonly hindsight: Facts;
    readonly hindsightCost: Costs;
  }
}

export function exposeFacts(app: App, core: Core, renderer: string): void {
  document.documentElement.dataset.renderer = renderer;
  const kind = core.schema.kind('player');
  const x = kind.at('x');
  const y = kind.at('y');
  const team = kind.at('team');
  const facts = (): Facts => {
    const p = core.picture;
    const players: Facts['players'] = [];
    for (p.entities(); p.nextEntity(); ) {
      if (p.kind === kind.id) {
        const mine = p.owner === app.me;
        const side = p.words[p.at + team];
        players.push({
          id: p.owner,
          x: p.words[p.at + x] / 16,
          y: p.words[p.at + y] / 16,
          mine,
          foe: !mine && (side === 0 || side !== hud.myTeam.peek()),
        });
      }
    }
    const words = core.stats();
    return {
      phase: ui.link.peek().phase,
      attempt: ui.link.peek().attempt,
      room: hud.roomId.peek(),
      me: app.me,
      following: hud.freeCamera.peek() ? 0 : hud.following.peek(),
      lookBack: hud.lookBack.peek()?.player ?? 0,
      lookBacks: app.killCam.shown,
      camera: { x: app.view.camera.x, y: app.view.camera.y },
      hedged: app.session.hedged,
      rescued: app.session.rescued,
      alive: hud.alive.peek(),
      x: app.view.worldX,
      y: app.view.worldY,
      screen: { x: app.view.ownX, y: app.view.ownY },
      entities: p.entityCount,
      players,
      shotsFired: app.view.events.shotsFired,
      confirmedHits: app.view.events.confirmedHits,
      kills: app.view.events.kills,
      stats: Object.fromEntries(core.schema.stats.fields.map((name, i) => [name, words[i]])),
    };
  };
  const costs: Costs = { report: (frames) => cost.report(frames), heap: () => core.heap() };
  Object.defineProperty(window, 'hindsight', { get: facts });
  Object.defineProperty(window, 'hindsightCost', { value: costs });
}
