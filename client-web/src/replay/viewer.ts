// A replay on the screen: what the core plays is drawn by the same parts as a live match, seen by somebody
// who looks on. Time is the visitor's: it stands, crawls, flies or jumps.

import { ArenaView, type Pointing } from '../games/arena';
import { Cast } from '../games/cast';
import type { Steering } from '../games/spectator';
import { expireLines, hud } from '../hud/state';
import { touchFirst } from '../input/touchfirst';
import { startLoop } from '../loop';
import type { Stage } from '../render/stage';
import { hush } from '../sound';
import type { WasmCore } from '../wasmcore';
import { ReplayCore, Unplayable } from './core';
import { watchGestures } from './gestures';
import { show, speeds } from './state';

/** Ticks simulated at once, and how long a jump may take of a frame: the page goes on drawing meanwhile. */
const slice = 60;
const jumpMs = 9;
/** Beyond this speed sounds are only noise. */
const loudest = 2;
/** CSS pixels at the bottom of an upright phone that the buttons take. */
const footUpright = 190;

export class Viewer {
  readonly view: ArenaView;
  /** Which way the camera is steered; keys write it. */
  readonly steering: Steering = { moveX: 0, moveY: 0 };
  private readonly replay: ReplayCore;
  private readonly cast = new Cast();
  private readonly pointing: Pointing = { x: 0, y: 0, aim: 0, reach: 0, mouse: false };
  private changes = -1;
  private length = 0;
  private tickRate = 60;

  constructor(
    readonly core: WasmCore,
    private readonly stage: Stage,
    surface: HTMLElement,
  ) {
    this.replay = new ReplayCore(core);
    hud.recorded.value = true;
    hud.watching.value = true;
    this.view = new ArenaView(core.schema, stage, this.cast, surface);
    this.view.shown = false;
    watchGestures(surface, stage.camera);
    show.playersOpen.value = !touchFirst() && innerWidth > 700;
    const frame = (now: number, dt: number) => {
      expireLines(now);
      if (show.about.peek()) this.frame(dt);
      stage.render();
    };
    startLoop(frame, () => {});
  }

  /** Opens a file and plays it. Throws Unplayable. */
  open(file: Uint8Array): void {
    show.about.value = null;
    this.view.shown = false;
    const about = this.replay.open(file);
    const map = this.replay.map();
    if (!map) throw new Unplayable('This replay is of a map that this version cannot draw.', about.title);
    this.length = about.length;
    this.tickRate = about.tickRate;
    this.changes = -1;
    this.cast.update(0, []);
    this.view.newMatch(map);
    this.view.shown = true;
    hud.title.value = about.title;
    hud.feed.value = [];
    hud.present.value = true;
    show.jump.value = null;
    show.playing.value = true;
    show.trouble.value = '';
    show.about.value = about;
    this.pace();
  }

  get camera(): { x: number; y: number; zoom: number } {
    const { x, y, zoom } = this.stage.camera;
    return { x, y, zoom };
  }

  toggle(): void {
    if (!show.playing.peek() && show.tick.peek() >= this.length) this.seek(1);
    show.playing.value = !show.playing.peek();
    this.pace();
  }

  setSpeed(times: number): void {
    show.speed.value = times;
    this.pace();
  }

  /** The next faster speed, or slower one. */
  changeSpeed(way: 1 | -1): void {
    const at = speeds.indexOf(show.speed.peek()) + way;
    this.setSpeed(speeds[Math.min(speeds.length - 1, Math.max(0, at))]);
  }

  seek(tick: number): void {
    const to = Math.min(this.length, Math.max(1, Math.round(tick)));
    show.tick.value = to;
    this.replay.seek(to);
    show.jump.value ??= 0;
  }

  /** Goes forward by seconds, or back. */
  skip(seconds: number): void {
    this.seek(show.tick.peek() + seconds * this.tickRate);
  }

  /** Stands still, one tick further or back. */
  nudge(ticks: 1 | -1): void {
    if (show.playing.peek()) this.toggle();
    this.seek(show.tick.peek() + ticks);
  }

  private pace(): void {
    const { playing, speed } = show;
    this.replay.speed(playing.peek() ? speed.peek() : 0);
    hush(speed.peek() > loudest);
  }

  private frame(dt: number): void {
    this.makeRoom();
    try {
      this.advance(dt);
    } catch (problem) {
      if (!(problem instanceof Unplayable)) throw problem;
      console.warn('hindsight:', problem.details);
      show.trouble.value = 'The recording is damaged from here on. What comes before can be watched.';
      show.playing.value = false;
      show.jump.value = null;
      show.tick.value = this.replay.state().tick;
      this.pace();
      return;
    }
    const standing = !show.playing.peek() || show.jump.peek() !== null;
    const flow = standing ? 0 : dt * show.speed.peek();
    this.view.draw(this.core.picture, this.pointing, this.steering, dt, flow);
  }

  /** Lets the replay go on, or lets a jump go on for a part of the frame. */
  private advance(dt: number): void {
    const { replay } = this;
    const follow = this.view.spectator.target();
    const until = performance.now() + jumpMs;
    const jumping = show.jump.peek() !== null;
    let state: ReturnType<ReplayCore['state']>;
    do {
      replay.advance(dt, jumping ? slice : 0, follow);
      state = replay.state();
    } while (state.seeking && performance.now() < until);
    this.meet(state.changes);
    replay.look();
    if (state.seeking) {
      show.jump.value = state.to > state.from ? (state.at - state.from) / (state.to - state.from) : 0;
      return;
    }
    if (jumping) this.arrive();
    show.tick.value = state.tick;
    show.differs.value = state.differs > 0 && state.tick >= state.differs - this.tickRate;
    if (state.ended && show.playing.peek()) this.toggle();
  }

  /** Learns who is there, if that has changed. */
  private meet(changes: number): void {
    if (changes === this.changes) return;
    this.changes = changes;
    const seats = this.replay.people();
    this.cast.update(0, seats);
    hud.people.value = seats;
  }

  /** A jump is made: nothing that was seen goes on. */
  private arrive(): void {
    show.jump.value = null;
    show.trouble.value = '';
    this.view.jump(false);
    hud.feed.value = [];
    hud.announce.value = '';
    hud.winner.value = '';
  }

  /** On an upright phone the buttons take the lower part. */
  private makeRoom(): void {
    const { stage } = this;
    stage.camera.covered = touchFirst() && stage.height > stage.width ? footUpright : 0;
  }
}
