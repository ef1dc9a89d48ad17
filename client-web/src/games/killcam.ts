// After a death, its last seconds as the killer saw them: a moment to see the own end, then the tape, then
// the next life, which waits for nothing. Any key or tap ends it. What is played is the core's business.

import type { Core } from '../core';
import { hud, type LookBack } from '../hud/state';
import { settings } from '../settings';
import type { ArenaView } from './arena';
import type { Cast } from './cast';

/** How long the own end is looked at first, and how much before the next life the view is back. */
const beatMs = 250;
const aheadMs = 80;

export class KillCam {
  /** How often it ran, for the page's tests. */
  shown = 0;
  private next: { tick: number; begin: number; who: LookBack } | null = null;

  constructor(
    private readonly core: Core,
    private readonly view: ArenaView,
    private readonly cast: Cast,
  ) {
    view.events.died = (killer, weapon, tick) => this.died(killer, weapon, tick);
    for (const kind of ['keydown', 'pointerdown'] as const) {
      addEventListener(kind, (e) => {
        // A press before it begins belongs to the fight.
        if (this.showing && !(e instanceof KeyboardEvent && e.repeat)) this.stop();
      });
    }
  }

  get showing(): boolean {
    return hud.lookBack.peek() !== null;
  }

  /**
   * Draws the past over the present picture, if that is what is to be seen now. False leaves the
   * present to be drawn.
   */
  draw(now: number, dt: number): boolean {
    const p = this.core.picture;
    if (this.view.ownLives(p) || hud.phase.peek() === 'intermission' || this.cast.me < 0) this.stop();
    else if (this.next && now >= this.next.begin) this.begin(now);
    const seen = hud.lookBack.peek();
    if (!seen) return false;
    this.view.listen(p);
    if (this.core.drawTape(now)) this.view.drawPast(this.core.picture, seen.player, dt);
    else this.stop();
    return true;
  }

  /** Goes back to the present at once. */
  stop(): void {
    if (this.showing) this.view.jump(false);
    hud.lookBack.value = null;
    this.next = null;
  }

  private died(killer: number, weapon: string, tick: number): void {
    const s = settings.peek();
    if (!s.killCam || s.reducedMotion) return;
    const { cast } = this;
    const who = { player: killer, name: cast.name(killer), colour: cast.cssColour(killer), weapon, speed: 1 };
    this.next = { tick, begin: performance.now() + beatMs, who };
  }

  private begin(now: number): void {
    const { next } = this;
    this.next = null;
    if (!next) return;
    const speed = this.core.rewatch(now, next.tick, hud.respawnIn.peek() * 100 - aheadMs);
    if (speed === 0) return;
    this.shown++;
    this.view.jump(true);
    hud.lookBack.value = { ...next.who, speed };
  }
}
