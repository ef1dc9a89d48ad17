// Where the view is: it follows the own drone, leans towards the aim, zooms by the size of the
// window and shakes when something explodes near by.

/** World units along the longer side of the window. */
const spanWide = 1060;
const spanSmall = 880;
/** How far the view leans towards the aim, in units. */
const lean = 80;

export class Camera {
  x = 0;
  y = 0;
  /** CSS pixels per unit. */
  zoom = 1;
  /** What shaking adds, in units and radians. */
  shakeX = 0;
  shakeY = 0;
  shakeTurn = 0;

  private leanX = 0;
  private leanY = 0;
  private trauma = 0;
  private clock = 0;
  private followed = false;

  resize(width: number, height: number): void {
    const longer = Math.max(width, height);
    // A phone shows a little less of the world, so that what it shows is large enough.
    const t = Math.min(1, Math.max(0, (longer - 600) / 700));
    this.zoom = longer / (spanSmall + (spanWide - spanSmall) * t);
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
    if (this.followed) {
      // The own drone is predicted and moves smoothly, so the view sticks to it; only far jumps glide.
      const far = Math.hypot(x + this.leanX - this.x, y + this.leanY - this.y) > 200;
      const k = far ? 1 - Math.exp(-dt * 9) : 1;
      this.x += (x + this.leanX - this.x) * k;
      this.y += (y + this.leanY - this.y) * k;
    } else {
      this.x = x + this.leanX;
      this.y = y + this.leanY;
      this.followed = true;
    }
    this.shakeNow(dt, shaking);
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
