// Where the view is: it follows the own drone, leans towards the aim, zooms by the size of the
// window and shakes when something explodes near by.

import type { Seen } from './layer';

/** World units along the longer side of the window. */
const spanWide = 980;
const spanSmall = 860;
/** How far the view may reach beyond the edge of the map, in units. */
const beyond = 110;
/** The same on an upright phone: above, where the HUD is, and below, where thumbs leave room anyway. */
const beyondUpright = { above: 240, below: 40 };
/** How near and how far one can go while looking on. */
const nearest = 2.5;
const furthest = 0.4;
/** How far beyond its edges the view may shake, in units. */
const shakeReach = 40;
/** How far the view leans towards the aim, in units. */
const lean = 80;

export class Camera {
  x = 0;
  y = 0;
  /** CSS pixels per unit. */
  zoom = 1;
  /** CSS pixels at the bottom that thumbs cover: what is followed stays above them. */
  covered = 0;
  /** What shaking adds, in units and radians. */
  shakeX = 0;
  shakeY = 0;
  shakeTurn = 0;

  /** What of the world is seen, shaking included; the same object always. */
  readonly seen: Seen = { left: 0, top: 0, right: 0, bottom: 0 };

  /** How much nearer than usual who looks on is. */
  private nearer = 1;
  private width = 1;
  private height = 1;
  private mapWidth = 0;
  private mapHeight = 0;
  private leanX = 0;
  private leanY = 0;
  private trauma = 0;
  private clock = 0;
  private followed = false;

  /** The middle of what thumbs leave free, in CSS pixels from the top. */
  get middle(): number {
    return (this.height - this.covered) / 2;
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    const longer = Math.max(width, height);
    // A phone shows a little less of the world, so that what it shows is large enough.
    const t = Math.min(1, Math.max(0, (longer - 600) / 700));
    this.zoom = (this.nearer * longer) / (spanSmall + (spanWide - spanSmall) * t);
  }

  /** Goes nearer by a factor, or further away by one below 1. */
  magnify(factor: number): void {
    this.nearer = Math.min(nearest, Math.max(furthest, this.nearer * factor));
    this.resize(this.width, this.height);
  }

  /** Keeps the view on a map of that size in units. */
  bound(mapWidth: number, mapHeight: number): void {
    this.mapWidth = mapWidth;
    this.mapHeight = mapHeight;
  }

  /** Adds to the shake, 0 to 1. */
  shake(amount: number): void {
    this.trauma = Math.min(1, this.trauma + amount);
  }

  /** Moves to the next target without a glide: a spawn, a new match. */
  cut(): void {
    this.followed = false;
  }

  /**
   * Follows a point, leaning in the direction of `aim` radians by `reach` from 0 to 1. `dt` is in
   * seconds.
   */
  follow(x: number, y: number, aim: number, reach: number, dt: number, shaking: boolean): void {
    const ease = 1 - Math.exp(-dt * 6);
    this.leanX += (Math.cos(aim) * reach * lean - this.leanX) * ease;
    this.leanY += (Math.sin(aim) * reach * lean - this.leanY) * ease;
    const upright = this.covered > 0;
    const above = upright ? beyondUpright.above : beyond;
    const below = upright ? beyondUpright.below : beyond;
    const toX = within(x + this.leanX, this.width / this.zoom, this.mapWidth, beyond, beyond);
    const toY = within(
      y + this.leanY,
      (this.height - this.covered) / this.zoom,
      this.mapHeight,
      above,
      below,
    );
    // The own drone is predicted and moves smoothly, so the view sticks to it; only far jumps glide.
    const far = Math.hypot(toX - this.x, toY - this.y) > 200;
    const k = this.followed && far ? 1 - Math.exp(-dt * 9) : 1;
    this.x += (toX - this.x) * k;
    this.y += (toY - this.y) * k;
    this.followed = true;
    this.shakeNow(dt, shaking);
    this.see();
  }

  private see(): void {
    const { seen } = this;
    const wide = this.width / 2 / this.zoom + shakeReach;
    seen.left = this.x - wide;
    seen.right = this.x + wide;
    seen.top = this.y - this.middle / this.zoom - shakeReach;
    seen.bottom = this.y + (this.height - this.middle) / this.zoom + shakeReach;
  }

  private shakeNow(dt: number, shaking: boolean): void {
    this.clock += dt;
    this.trauma = Math.max(0, this.trauma - dt * 1.7);
    const force = shaking ? this.trauma * this.trauma : 0;
    const t = this.clock * 47;
    this.shakeX = force * 14 * Math.sin(t * 1.1 + 1);
    this.shakeY = force * 14 * Math.sin(t * 1.37 + 4);
    this.shakeTurn = force * 0.018 * Math.sin(t * 0.9);
  }
}

/** Keeps the middle of a view of that length on a map of that length or a little beyond; 0 is no map. */
function within(middle: number, view: number, map: number, before: number, after: number): number {
  if (map === 0) return middle;
  const least = view / 2 - before;
  const most = map + after - view / 2;
  return least >= most ? (least + most) / 2 : Math.min(most, Math.max(least, middle));
}
