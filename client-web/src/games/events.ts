// What is seen and heard of the arena's events.

import { announce, feedKill } from '../hud/messages';
import { hud } from '../hud/state';
import type { Picture } from '../picture';
import type { Effects } from '../render/effects';
import { mix, weaponColours } from '../render/palette';
import type { Reticle } from '../render/reticle';
import type { Stage } from '../render/stage';
import type { Schema } from '../schema';
import { settings } from '../settings';
import { play, playAt, type SoundName } from '../sound';
import type { Cast } from './cast';
import type { Drones } from './drones';
import type { Pickups } from './pickups';

export interface EventParts {
  stage: Stage;
  cast: Cast;
  effects: Effects;
  reticle: Reticle;
  drones: Drones;
  pickups: Pickups;
}

const turn = (Math.PI * 2) / 65536;
/** How far in front of a drone's middle its muzzle is, in units. */
const muzzle = 22;

const weaponSounds: Record<string, SoundName> = {
  blaster: 'blaster',
  shotgun: 'shotgun',
  plasma: 'plasma',
  rocket: 'rocket',
  rail: 'rail',
};

type Handler = (w: Int32Array, at: number, count: number, tick: number) => void;

/** Who was destroyed by whom, when. */
export type Death = (killer: number, weapon: string, tick: number) => void;

export class EventDrawing {
  /** For the page's tests: what the server has told so far. */
  confirmedHits = 0;
  kills = 0;
  shotsFired = 0;
  /** Told of the own end by somebody else's hand. */
  died: Death = () => {};
  /** What happens in the world, and what it means to the player; some events are both. */
  private readonly scenery: (Handler | undefined)[] = [];
  private readonly news: (Handler | undefined)[] = [];
  private readonly weapons: string[];

  constructor(
    schema: Schema,
    private readonly parts: EventParts,
  ) {
    this.weapons = ['', ...schema.weapons.map((w) => w.name)];
    const on = (
      list: (Handler | undefined)[],
      name: string,
      handler: (a: (field: string) => number) => Handler,
    ) => {
      const row = schema.event(name);
      list[row.id] = handler((field) => row.at(field));
    };
    const { scenery, news } = this;
    on(scenery, 'fired', (a) => this.fired(a('player'), a('weapon'), a('x'), a('y'), a('rays')));
    on(scenery, 'hurt', (a) => this.bleed(a('damage'), a('angle')));
    on(scenery, 'explosion', (a) => this.explosion(a('x'), a('y'), a('weapon')));
    on(scenery, 'kill', (a) => this.destroyed(a('victim')));
    on(scenery, 'pickup', (a) => this.pickup(a('player'), a('pickup')));
    on(scenery, 'spawn', (a) => this.spawn(a('player'), a('x'), a('y')));
    on(scenery, 'dash', (a) => this.dash(a('x'), a('y'), a('angle'), a('player')));
    on(news, 'verdict', (a) => this.foreseen(a('pairs')));
    on(news, 'verdictResult', (a) => this.judged(a('agreed'), a('pairs')));
    on(news, 'fired', (a) => this.ownShot(a('player')));
    on(news, 'hit', (a) => this.hit(a('killed')));
    on(news, 'hurt', (a) => this.hurt(a('damage'), a('angle')));
    on(news, 'kill', (a) => this.kill(a('killer'), a('victim'), a('weapon'), a('streak')));
    on(news, 'phase', (a) =>
      this.phase(
        a('phase'),
        a('winner'),
        a('team'),
        schema.constant('phaseLive'),
        schema.constant('phaseIntermission'),
      ),
    );
    on(news, 'empty', () => () => play('empty', 0.8));
    on(news, 'streak', (a) => this.streak(a('player'), a('kills')));
  }

  draw(p: Picture): void {
    this.show(p);
    this.tell(p);
  }

  /** Draws what happens in the world. */
  show(p: Picture): void {
    for (p.events(); p.nextEvent(); ) this.scenery[p.kind]?.(p.words, p.at, p.count, p.tick);
  }

  /** Tells the player what is news. */
  tell(p: Picture): void {
    for (p.events(); p.nextEvent(); ) this.news[p.kind]?.(p.words, p.at, p.count, p.tick);
  }

  private heard(name: SoundName, x: number, y: number, volume = 1): void {
    const c = this.parts.stage.camera;
    playAt(name, x - c.x, y - c.y, volume);
  }

  private foreseen(pairs: number): Handler {
    return (_w, _at, count) => {
      if (count > pairs) this.parts.reticle.predictHit();
    };
  }

  private judged(agreed: number, pairs: number): Handler {
    return (w, at, count) => {
      // A confirmed hit is shown by the hit event, which knows the damage; this is the denial.
      if (w[at + agreed] === 0 && count <= pairs) this.parts.reticle.denyHit();
    };
  }

  private fired(player: number, weapon: number, x: number, y: number, rays: number): Handler {
    return (w, at, count) => {
      const { drones, effects, cast } = this.parts;
      const name = this.weapons[w[at + weapon]] ?? '';
      const colour = weaponColours[name] ?? 0xffffff;
      const who = w[at + player];
      const x0 = w[at + x] / 16;
      const y0 = w[at + y] / 16;
      const projectile = name === 'plasma' || name === 'rocket';
      drones.kick(who);
      for (let i = rays; i < count; i++) {
        const word = w[at + i];
        const angle = (projectile ? word & 65535 : word >>> 16) * turn;
        const length = projectile ? 0 : word & 0xffff;
        if (i === rays) {
          const size = name === 'blaster' ? 0.6 : name === 'plasma' ? 0.7 : 1.15;
          effects.muzzle(x0 + Math.cos(angle) * muzzle, y0 + Math.sin(angle) * muzzle, angle, colour, size);
        }
        if (!projectile) this.ray(name, x0, y0, angle, length, colour);
      }
      if (who === cast.me && (name === 'rocket' || name === 'rail' || name === 'shotgun')) {
        this.parts.stage.camera.shake(0.2);
      }
      this.heard(weaponSounds[name] ?? 'blaster', x0, y0, who === cast.me ? 0.75 : 1);
    };
  }

  private ownShot(player: number): Handler {
    return (w, at) => {
      if (w[at + player] !== this.parts.cast.me) return;
      this.parts.reticle.recoil();
      this.shotsFired++;
    };
  }

  private ray(name: string, x: number, y: number, angle: number, length: number, colour: number): void {
    const { effects } = this.parts;
    const ux = Math.cos(angle);
    const uy = Math.sin(angle);
    const x0 = x + ux * muzzle;
    const y0 = y + uy * muzzle;
    const x1 = x + ux * length;
    const y1 = y + uy * length;
    if (length > muzzle) {
      if (name === 'rail') {
        effects.beam(x0, y0, x1, y1, colour, 8, 0.55);
        effects.coil(x0, y0, x1, y1, colour);
        effects.flare(x1, y1, 60, colour, 0.3);
      } else if (name === 'shotgun') effects.tracer(x0, y0, x1, y1, colour, 0.55, 3600);
      else effects.tracer(x0, y0, x1, y1, mix(colour, 0xffffff, 0.25), 0.85, 3000);
    }
    effects.impact(x1, y1, angle, colour);
  }

  private hit(killed: number): Handler {
    return (w, at) => {
      const dead = w[at + killed] === 1;
      this.confirmedHits++;
      this.parts.reticle.confirmHit(dead, this.parts.cast.palette.danger);
      play(dead ? 'kill' : 'hit', dead ? 0.9 : 0.6);
    };
  }

  private bleed(damage: number, angle: number): Handler {
    return (w, at) => {
      const a = (w[at + angle] & 65535) * turn;
      const me = this.parts.drones.find(this.parts.cast.me);
      if (me) this.parts.effects.bleed(me.x, me.y, a + Math.PI, me.colour, w[at + damage]);
    };
  }

  private hurt(damage: number, angle: number): Handler {
    return (w, at) => {
      const { reticle, cast, stage } = this.parts;
      const a = (w[at + angle] & 65535) * turn;
      reticle.hurt(a, w[at + damage], cast.palette.danger);
      stage.camera.shake(Math.min(0.5, 0.12 + w[at + damage] / 120));
      play('hurt', Math.min(1, 0.35 + w[at + damage] / 90));
    };
  }

  private explosion(x: number, y: number, weapon: number): Handler {
    return (w, at) => {
      const { effects, stage } = this.parts;
      const name = this.weapons[w[at + weapon]] ?? '';
      const colour = weaponColours[name] ?? 0xffffff;
      const ex = w[at + x] / 16;
      const ey = w[at + y] / 16;
      if (name !== 'rocket') {
        effects.sparks(ex, ey, 0, Math.PI * 2, 6, colour, 170);
        effects.flare(ex, ey, 26, colour, 0.18, 0.9);
        this.heard('impact', ex, ey);
        return;
      }
      effects.explosion(ex, ey, 90, colour);
      const near = Math.hypot(ex - stage.camera.x, ey - stage.camera.y);
      stage.camera.shake(Math.max(0, 0.75 - near / 700));
      this.heard('explosion', ex, ey);
    };
  }

  private destroyed(victim: number): Handler {
    return (w, at) => {
      const place = this.parts.drones.findLately(w[at + victim]);
      if (!place) return;
      this.parts.effects.destroyed(place.x, place.y, place.colour);
      this.heard('destroyed', place.x, place.y);
    };
  }

  private kill(killer: number, victim: number, weapon: number, streak: number): Handler {
    return (w, at, _count, tick) => {
      const { cast } = this.parts;
      const by = w[at + killer];
      const dead = w[at + victim];
      const name = this.weapons[w[at + weapon]] ?? '';
      feedKill({
        killer: by === dead || by === 0 ? '' : cast.name(by),
        victim: cast.name(dead),
        weapon: name,
        killerColour: cast.cssColour(by),
        victimColour: cast.cssColour(dead),
        mine: by === cast.me || dead === cast.me,
      });
      if (dead === cast.me) {
        hud.killedBy.value = by === dead || by === 0 ? '' : cast.name(by);
        if (by !== dead && by !== 0) this.died(by, name, tick);
      }
      if (by === cast.me && dead !== cast.me) {
        this.kills++;
        const row = w[at + streak];
        announce(row > 1 ? `${cast.name(dead)} destroyed · ${row} in a row` : `${cast.name(dead)} destroyed`);
      }
    };
  }

  private pickup(player: number, index: number): Handler {
    return (w, at, _count, tick) => {
      const item = this.parts.pickups.at(w[at + index]);
      if (!item) return;
      if (this.parts.cast.me < 0 && !hud.recorded.peek()) this.parts.pickups.seeTaken(w[at + index], tick);
      this.parts.effects.pickedUp(item.x, item.y, item.colour);
      const mine = w[at + player] === this.parts.cast.me;
      const sound = item.kind === 'mega' ? 'mega' : 'pickup';
      if (mine) play(sound, 0.8);
      else this.heard(sound, item.x, item.y, 0.6);
    };
  }

  private spawn(player: number, x: number, y: number): Handler {
    return (w, at) => {
      const colour = this.parts.cast.colour(w[at + player]);
      this.parts.effects.arrival(w[at + x] / 16, w[at + y] / 16, colour);
      this.heard('spawn', w[at + x] / 16, w[at + y] / 16, 0.7);
    };
  }

  private dash(x: number, y: number, angle: number, player: number): Handler {
    return (w, at) => {
      const { effects, cast } = this.parts;
      const a = (w[at + angle] & 65535) * turn;
      effects.sparks(w[at + x] / 16, w[at + y] / 16, a + Math.PI, 1.1, 10, cast.colour(w[at + player]), 330);
      this.heard('dash', w[at + x] / 16, w[at + y] / 16, 0.8);
    };
  }

  private phase(phase: number, winner: number, team: number, live: number, end: number): Handler {
    return (w, at) => {
      const { cast } = this.parts;
      if (w[at + phase] === live) {
        hud.winner.value = '';
        announce('Fight!');
        play('begin');
        return;
      }
      if (w[at + phase] !== end) return;
      const side = w[at + team];
      const who = w[at + winner];
      if (side > 0) hud.winner.value = side === 1 ? 'Red wins' : 'Blue wins';
      else if (who === cast.me) hud.winner.value = 'You win';
      else hud.winner.value = who > 0 ? `${cast.name(who)} wins` : 'A draw';
      if (!settings.peek().reducedMotion) this.parts.stage.camera.shake(0.25);
      play('begin');
    };
  }

  private streak(player: number, kills: number): Handler {
    return (w, at) => {
      const { cast } = this.parts;
      const who = w[at + player];
      if (who !== cast.me) announce(`${cast.name(who)} has ${w[at + kills]} in a row`);
    };
  }
}
