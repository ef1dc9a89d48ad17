// What sits on the glass rather than in the world: the crosshair, hit markers and the arcs that tell
// where damage came from.
//
// A hit marker is honest about what is known: hollow as soon as the own screen says "hit", solid
// when the server has judged so, grey and fading when it has judged otherwise.

import { Container, Sprite } from 'pixi.js';
import * as art from './art';

interface Arc {
  sprite: Sprite;
  angle: number;
  left: number;
}

const arcLife = 1.1;

export class Reticle {
  readonly layer = new Container();
  private readonly cross = new Sprite();
  private readonly hollow = new Sprite(art.hitMarker(false));
  private readonly solid = new Sprite(art.hitMarker(true));
  private readonly arcs: Arc[] = [];
  private hollowLeft = 0;
  private solidLeft = 0;
  private spread = 0;
  private colour = 0;

  constructor() {
    for (let i = 0; i < 5; i++) {
      const sprite = new Sprite(art.damageArc());
      sprite.anchor.set(0.5);
      sprite.visible = false;
      this.arcs.push({ sprite, angle: 0, left: 0 });
      this.layer.addChild(sprite);
    }
    for (const s of [this.hollow, this.solid, this.cross]) {
      s.anchor.set(0.5);
      s.visible = false;
      this.layer.addChild(s);
    }
  }

  setColour(colour: number): void {
    if (colour === this.colour) return;
    this.colour = colour;
    this.cross.texture = art.crosshair(colour);
  }

  /** The own screen says that a shot hit. */
  predictHit(): void {
    this.hollowLeft = 0.45;
    this.hollow.tint = 0xffffff;
  }

  /** The server has judged a hit. */
  confirmHit(killed: boolean, danger: number): void {
    this.hollowLeft = 0;
    this.solidLeft = killed ? 0.5 : 0.28;
    this.solid.tint = killed ? danger : 0xffffff;
  }

  /** The server has judged that there was no hit. */
  denyHit(): void {
    this.hollowLeft = 0.6;
    this.hollow.tint = 0x6b7688;
  }

  /** The own gun fired: the crosshair opens for a moment. */
  recoil(): void {
    this.spread = 1;
  }

  /** Damage came from that direction in radians. */
  hurt(angle: number, damage: number, colour: number): void {
    let a = this.arcs[0];
    for (const other of this.arcs) if (other.left < a.left) a = other;
    a.angle = angle;
    a.left = arcLife;
    a.sprite.tint = colour;
    a.sprite.scale.set(0.9 + Math.min(0.5, damage / 120));
  }

  /**
   * Draws at the crosshair's place in CSS pixels; the arcs go round the middle of the drone.
   */
  draw(x: number, y: number, pointing: boolean, centreX: number, centreY: number, dt: number): void {
    this.spread = Math.max(0, this.spread - dt * 7);
    this.hollowLeft = Math.max(0, this.hollowLeft - dt);
    this.solidLeft = Math.max(0, this.solidLeft - dt);
    this.cross.visible = pointing;
    this.cross.position.set(x, y);
    this.cross.scale.set(1 + this.spread * 0.25);
    this.hollow.visible = this.hollowLeft > 0;
    this.hollow.position.set(x, y);
    this.hollow.alpha = Math.min(1, this.hollowLeft * 4);
    this.solid.visible = this.solidLeft > 0;
    this.solid.position.set(x, y);
    this.solid.alpha = Math.min(1, this.solidLeft * 6);
    this.solid.scale.set(1 + this.solidLeft * 0.8);
    for (const a of this.arcs) {
      a.left = Math.max(0, a.left - dt);
      a.sprite.visible = a.left > 0;
      a.sprite.position.set(centreX, centreY);
      a.sprite.rotation = a.angle;
      a.sprite.alpha = (a.left / arcLife) ** 0.7;
    }
  }
}
