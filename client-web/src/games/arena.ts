// The arena on the screen: puts the parts of the picture in their layers and hands each entity and
// event to the part that draws it. Drawing only; what happens is decided in Go.

import type { Container } from 'pixi.js';
import type { GameMap } from '../core';
import { hud } from '../hud/state';
import type { Picture } from '../picture';
import { Effects } from '../render/effects';
import { Ground, tileSize } from '../render/ground';
import { Reticle } from '../render/reticle';
import type { Stage } from '../render/stage';
import type { Schema } from '../schema';
import { settings } from '../settings';
import type { Cast } from './cast';
import { Drones } from './drones';
import { EventDrawing } from './events';
import { Layers } from './layers';
import { OwnPanel, ScorePanel } from './panels';
import { Pickups } from './pickups';
import { Shots } from './shots';
import { Spectator, type Steering } from './spectator';

/** Where the player points, in CSS pixels and radians. */
export interface Pointing {
  x: number;
  y: number;
  aim: number;
  /** How far from the drone, 0 to 1: how much the camera leans. */
  reach: number;
  /** A mouse shows the crosshair at its place; sticks show it at a distance from the drone. */
  mouse: boolean;
}

/** Angles of drones are 1/256 turn. */
const byteTurn = (Math.PI * 2) / 256;

export class ArenaView {
  /** Where the own drone is drawn, in CSS pixels. */
  ownX = 0;
  ownY = 0;
  /** The own drone in the world, for tests. */
  worldX = 0;
  worldY = 0;
  readonly ground = new Ground();
  readonly effects: Effects;
  readonly events: EventDrawing;
  readonly spectator: Spectator;
  private readonly reticle = new Reticle();
  private readonly moving: Layers;
  private readonly pickups: Pickups;
  private readonly drones: Drones;
  private readonly shots: Shots;
  private readonly ownPanel: OwnPanel;
  private readonly scores: ScorePanel;
  private readonly kind: { match: number; score: number; player: number; shot: number };
  private readonly player: { x: number; y: number; aim: number };
  private readonly ownAlive: number;
  private readonly headTick: number;
  private readonly headView: number;
  private wasAlive = false;
  /** In units. */
  private mapWidth = 0;
  private mapHeight = 0;
  /** Bottom to top. */
  private readonly layers: Container[];

  constructor(
    schema: Schema,
    private readonly stage: Stage,
    private readonly cast: Cast,
    surface: HTMLElement,
  ) {
    const layers = new Layers(stage);
    this.moving = layers;
    this.effects = new Effects(layers.floor, layers.haze, layers.light);
    this.pickups = new Pickups(schema, layers);
    this.drones = new Drones(schema, stage, this.effects, cast, layers);
    this.spectator = new Spectator(surface, stage, this.drones);
    this.shots = new Shots(schema, this.effects, layers);
    this.ownPanel = new OwnPanel(schema);
    this.scores = new ScorePanel(schema, cast);
    this.events = new EventDrawing(schema, {
      stage,
      cast,
      effects: this.effects,
      reticle: this.reticle,
      drones: this.drones,
      pickups: this.pickups,
    });
    this.kind = {
      match: schema.kind('match').id,
      score: schema.kind('score').id,
      player: schema.kind('player').id,
      shot: schema.kind('shot').id,
    };
    const player = schema.kind('player');
    this.player = { x: player.at('x'), y: player.at('y'), aim: player.at('aim') };
    this.ownAlive = schema.own.at('alive');
    this.headTick = schema.head.at('tick');
    this.headView = schema.head.at('viewB');
    const world = [
      this.ground.under,
      layers.floor.container,
      layers.haze.container,
      this.ground.over,
      layers.things.container,
      layers.hulls.container,
      layers.light.container,
    ];
    const glass = [layers.bars.container, layers.names.container, this.reticle.layer];
    stage.world.addChild(...world);
    stage.overlay.addChild(...glass);
    this.layers = [...world, ...glass];
  }

  /** Shows or hides all of it, the menu's background taking its place. */
  set shown(v: boolean) {
    for (const layer of this.layers) layer.visible = v;
  }

  get shown(): boolean {
    return this.layers[0].visible;
  }

  /** The middle of what is seen, in units. */
  get camera(): { x: number; y: number } {
    return this.stage.camera;
  }

  newMatch(map: GameMap): void {
    this.ground.build(map);
    this.pickups.build(map.pickups);
    this.effects.clear();
    this.cast.newMatch();
    this.mapWidth = map.width * tileSize;
    this.mapHeight = map.height * tileSize;
    this.spectator.newMatch(this.mapWidth, this.mapHeight);
    this.stage.camera.cut();
    this.scores.newMatch();
  }

  /**
   * Draws the picture `dt` seconds after the last. Who looks on steers the camera rather than a drone. In
   * the picture `flow` seconds have passed, which is another number for what was recorded.
   */
  draw(p: Picture, pointing: Pointing, steering: Steering, dt: number, flow = dt): void {
    const watching = this.cast.me < 0;
    const tick = p.words[watching ? this.headView : this.headTick];
    const alive = this.ownLives(p);
    if (watching) this.lookOn(p, steering, dt);
    else if (p.own > 0) this.followOwn(p, pointing, alive, dt);
    hud.present.value = p.own > 0;

    this.readScores(p, tick);
    this.drawWorld(p, tick, watching ? null : pointing.aim, flow);
    this.events.tell(p);
    // Of what was recorded the own row is that of whom one follows, and so are the hits.
    const ridden = watching && hud.recorded.peek() && this.rides(p, pointing);
    if (p.own > 0 && (!watching || ridden)) this.ownPanel.draw(p.words, p.own, tick);
    this.reticle.setColour(this.cast.colour(ridden ? hud.following.peek() : this.cast.me));
    const ahead = Math.min(150, this.stage.width * 0.3);
    this.reticle.draw(
      pointing.mouse ? pointing.x : this.ownX + Math.cos(pointing.aim) * ahead,
      pointing.mouse ? pointing.y : this.ownY + Math.sin(pointing.aim) * ahead,
      alive && (!watching || ridden),
      this.ownX,
      this.ownY,
      flow,
    );
  }

  /** Turns the crosshair to where the followed player points, if there is one in play. */
  private rides(p: Picture, pointing: Pointing): boolean {
    if (!this.findDrone(p, this.spectator.target())) return false;
    this.ownX = this.stage.screenX(p.words[p.at + this.player.x] / 16);
    this.ownY = this.stage.screenY(p.words[p.at + this.player.y] / 16);
    pointing.aim = p.words[p.at + this.player.aim] * byteTurn;
    return true;
  }

  /** Whether the picture's own drone is in play. */
  ownLives(p: Picture): boolean {
    return p.own > 0 && p.words[p.own + this.ownAlive] === 1;
  }

  /** Takes the news off the present while the past is shown. */
  listen(p: Picture): void {
    const tick = p.words[this.headTick];
    this.readScores(p, tick);
    this.events.tell(p);
    if (p.own > 0) this.ownPanel.draw(p.words, p.own, tick);
    this.wasAlive = false;
  }

  /** Draws the past from a player's place, or from the own one while that player is nowhere. */
  drawPast(p: Picture, player: number, dt: number): void {
    if (this.findDrone(p, player) || this.findDrone(p, this.cast.me)) {
      const x = p.words[p.at + this.player.x] / 16;
      const y = p.words[p.at + this.player.y] / 16;
      const aim = p.words[p.at + this.player.aim] * byteTurn;
      this.stage.camera.bound(this.mapWidth, this.mapHeight);
      this.stage.camera.follow(x, y, aim, 0.6, dt, this.shaking);
    }
    this.drawWorld(p, p.words[this.headTick], null, dt);
    this.reticle.draw(0, 0, false, 0, 0, dt);
  }

  /** The picture jumps to another time: nothing in it goes on. */
  jump(past: boolean): void {
    this.drones.selfNamed = past;
    this.shots.clear();
    this.effects.clear();
    this.stage.camera.cut();
  }

  /** Draws what is in the arena. `aim` in radians replaces that of the own drone. */
  private drawWorld(p: Picture, tick: number, aim: number | null, dt: number): void {
    this.effects.amount = settings.peek().reducedMotion ? 0.3 : 1;
    this.drones.begin(dt);
    this.shots.begin();
    for (p.entities(); p.nextEntity(); ) {
      if (p.kind === this.kind.player) this.drones.draw(p, dt, p.owner === this.cast.me ? aim : null);
      else if (p.kind === this.kind.shot) this.shots.draw(p);
    }
    // Events may name drones that are gone in this very picture, so they come before the sweep.
    this.events.show(p);
    this.drones.end();
    this.shots.end();
    if (p.own > 0) this.pickups.draw(p.words, p.own, tick, dt);
    this.effects.step(dt);
    this.moving.end();
  }

  private readScores(p: Picture, tick: number): void {
    this.scores.begin();
    for (p.entities(); p.nextEntity(); ) {
      if (p.kind === this.kind.score) this.scores.addRow(p);
      else if (p.kind === this.kind.match) this.scores.match(p, tick);
    }
    this.scores.end();
  }

  private get shaking(): boolean {
    const s = settings.peek();
    return s.screenShake && !s.reducedMotion;
  }

  private lookOn(p: Picture, steering: Steering, dt: number): void {
    const eyes = this.spectator;
    const found = this.findDrone(p, eyes.target());
    const w = p.words;
    eyes.move(
      steering,
      found ? { x: w[p.at + this.player.x] / 16, y: w[p.at + this.player.y] / 16 } : null,
      dt,
    );
    eyes.settle(this.mapWidth, this.mapHeight);
    this.stage.camera.bound(this.mapWidth, this.mapHeight);
    this.stage.camera.follow(eyes.x, eyes.y, 0, 0, dt, this.shaking);
  }

  private followOwn(p: Picture, pointing: Pointing, alive: boolean, dt: number): void {
    if (alive && this.findDrone(p, this.cast.me)) {
      this.worldX = p.words[p.at + this.player.x] / 16;
      this.worldY = p.words[p.at + this.player.y] / 16;
      if (!this.wasAlive) this.stage.camera.cut();
    }
    this.wasAlive = alive;
    this.stage.camera.bound(this.mapWidth, this.mapHeight);
    this.stage.camera.follow(
      this.worldX,
      this.worldY,
      pointing.aim,
      alive ? pointing.reach : 0,
      dt,
      this.shaking,
    );
    this.ownX = this.stage.screenX(this.worldX);
    this.ownY = this.stage.screenY(this.worldY);
  }

  /** Walks the picture to a player's drone as it is drawn, smoothing included. */
  private findDrone(p: Picture, player: number): boolean {
    for (p.entities(); p.nextEntity(); ) {
      if (p.kind === this.kind.player && p.owner === player) return true;
    }
    return false;
  }
}
