// From rows to the HUD's signals: the own state and the scores.

import { hud, type ScoreRow, type WeaponSlot } from '../hud/state';
import type { Picture } from '../picture';
import type { Schema } from '../schema';
import { play } from '../sound';
import type { Cast } from './cast';

/** The own row's part of the HUD. */
export class OwnPanel {
  private readonly f: Record<
    'health' | 'armour' | 'alive' | 'weapon' | 'owned' | 'respawn' | 'dashReady' | 'team',
    number
  >;
  private readonly ammo: number[];
  /** The longest wait for a dash seen so far, in ticks: its cooldown. */
  private dashWait = 1;
  private shown: number[] = [];

  constructor(private readonly schema: Schema) {
    const o = schema.own;
    this.f = {
      health: o.at('health'),
      armour: o.at('armour'),
      alive: o.at('alive'),
      weapon: o.at('weapon'),
      owned: o.at('owned'),
      respawn: o.at('respawn'),
      dashReady: o.at('dashReady'),
      team: o.at('team'),
    };
    this.ammo = schema.weapons.map((w) => o.at(`ammo${w.id}`));
  }

  draw(w: Int32Array, own: number, tick: number): void {
    const alive = w[own + this.f.alive] === 1;
    const weapon = w[own + this.f.weapon];
    hud.alive.value = alive;
    hud.health.value = Math.max(0, w[own + this.f.health]);
    hud.armour.value = w[own + this.f.armour];
    hud.weapon.value = weapon;
    hud.ammo.value = w[own + this.ammo[weapon - 1]];
    hud.myTeam.value = w[own + this.f.team];
    const dashWait = Math.max(0, (w[own + this.f.dashReady] - tick) | 0);
    this.dashWait = Math.max(this.dashWait, dashWait);
    hud.dash.value = Math.round(20 * (1 - dashWait / this.dashWait)) / 20;
    const wait = alive ? 0 : (w[own + this.f.respawn] - tick) | 0;
    hud.respawnIn.value = Math.max(0, Math.ceil((wait * 10) / this.schema.tickRate));
    this.slots(w, own);
  }

  private slots(w: Int32Array, own: number): void {
    let same = this.shown[0] === w[own + this.f.owned];
    for (let i = 0; same && i < this.ammo.length; i++) same = this.shown[i + 1] === w[own + this.ammo[i]];
    if (same) return;
    this.shown = [w[own + this.f.owned], ...this.ammo.map((a) => w[own + a])];
    hud.slots.value = this.schema.weapons.map(
      (weapon, i): WeaponSlot => ({
        id: weapon.id,
        name: weapon.name,
        owned: (w[own + this.f.owned] & (1 << i)) !== 0,
        ammo: weapon.maxAmmo === 0 ? -1 : w[own + this.ammo[i]],
      }),
    );
  }
}

/** The scoreboard, the timer and the team scores. */
export class ScorePanel {
  private readonly row: Record<'player' | 'team' | 'kills' | 'deaths' | 'assists' | 'points', number>;
  private readonly m: Record<'phase' | 'ends' | 'mode' | 'limit' | 'red' | 'blue', number>;
  private readonly phases: ('warmup' | 'live' | 'intermission')[] = [];
  private readonly teamMode: number;
  /** Six numbers a row: this frame's, and those the HUD shows. */
  private rows: number[] = [];
  private shown: number[] = [];
  private count = 0;
  private castVersion = -1;

  constructor(
    private readonly schema: Schema,
    private readonly cast: Cast,
  ) {
    const s = schema.kind('score');
    this.row = {
      player: s.at('player'),
      team: s.at('team'),
      kills: s.at('kills'),
      deaths: s.at('deaths'),
      assists: s.at('assists'),
      points: s.at('points'),
    };
    const m = schema.kind('match');
    this.m = {
      phase: m.at('phase'),
      ends: m.at('ends'),
      mode: m.at('mode'),
      limit: m.at('limit'),
      red: m.at('red'),
      blue: m.at('blue'),
    };
    this.phases[schema.constant('phaseWarmup')] = 'warmup';
    this.phases[schema.constant('phaseLive')] = 'live';
    this.phases[schema.constant('phaseIntermission')] = 'intermission';
    this.teamMode = schema.constant('modeTDM');
  }

  newMatch(): void {
    this.castVersion = -1;
    hud.winner.value = '';
  }

  begin(): void {
    this.count = 0;
  }

  addRow(p: Picture): void {
    const w = p.words;
    const r = this.row;
    const base = this.count++ * 6;
    this.rows[base] = w[p.at + r.player];
    this.rows[base + 1] = w[p.at + r.team];
    this.rows[base + 2] = w[p.at + r.kills];
    this.rows[base + 3] = w[p.at + r.deaths];
    this.rows[base + 4] = w[p.at + r.assists];
    this.rows[base + 5] = w[p.at + r.points];
    this.cast.setTeam(w[p.at + r.player], w[p.at + r.team]);
  }

  match(p: Picture, tick: number): void {
    const w = p.words;
    const phase = this.phases[w[p.at + this.m.phase]] ?? 'warmup';
    const left = Math.max(0, Math.ceil(((w[p.at + this.m.ends] - tick) | 0) / this.schema.tickRate));
    if (phase === 'warmup' && left !== hud.secondsLeft.peek() && left > 0 && left <= 3) play('tick');
    hud.phase.value = phase;
    hud.secondsLeft.value = left;
    hud.teams.value = w[p.at + this.m.mode] === this.teamMode;
    hud.limit.value = w[p.at + this.m.limit];
    hud.red.value = w[p.at + this.m.red];
    hud.blue.value = w[p.at + this.m.blue];
  }

  end(): void {
    this.rows.length = this.count * 6;
    if (this.castVersion === this.cast.version && equal(this.rows, this.shown)) return;
    this.castVersion = this.cast.version;
    this.shown = [...this.rows];
    const rows: ScoreRow[] = [];
    for (let i = 0; i < this.rows.length; i += 6) {
      const [player, team, kills, deaths, assists, points] = this.rows.slice(i, i + 6);
      rows.push({
        player,
        team,
        kills,
        deaths,
        assists,
        points,
        name: this.cast.name(player),
        bot: this.cast.bot(player),
        status: this.cast.status(player),
        colour: this.cast.cssColour(player),
        me: player === this.cast.me,
      });
    }
    rows.sort((a, b) => b.points - a.points || a.deaths - b.deaths || a.player - b.player);
    hud.rows.value = rows;
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
