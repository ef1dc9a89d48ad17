import { describe, expect, it } from 'vitest';
import { Camera } from './camera';

/** A camera that has followed a resting drone at that place. */
function looking(width: number, height: number, x: number, y: number): Camera {
  const c = new Camera();
  c.resize(width, height);
  c.bound(2000, 1500);
  c.follow(x, y, 0, 0, 1 / 60, false);
  return c;
}

describe('the camera', () => {
  it.each([
    [360, 740],
    [1280, 800],
    [2560, 1440],
  ])('shows 860 to 1100 units along the longer side of %i by %i', (width, height) => {
    const units = Math.max(width, height) / looking(width, height, 0, 0).zoom;
    expect(units).toBeGreaterThanOrEqual(860);
    expect(units).toBeLessThanOrEqual(1100);
  });

  it('keeps the drone in the middle, but little of the void in view', () => {
    expect(looking(1280, 800, 1000, 750)).toMatchObject({ x: 1000, y: 750 });
    const corner = looking(1280, 800, 20, 20);
    expect(corner.x - 1280 / corner.zoom / 2).toBeCloseTo(-110);
    expect(corner.y - 800 / corner.zoom / 2).toBeCloseTo(-110);
  });

  it('centres a map that is smaller than the view', () => {
    const c = new Camera();
    c.resize(1280, 800);
    c.bound(300, 200);
    c.follow(10, 10, 0, 0, 1 / 60, false);
    expect(c).toMatchObject({ x: 150, y: 100 });
  });

  it('goes nearer and further within bounds, whatever becomes of the window', () => {
    const c = looking(1280, 800, 1000, 750);
    const usual = c.zoom;
    c.magnify(2);
    expect(c.zoom).toBeCloseTo(2 * usual);
    c.resize(1280, 800);
    expect(c.zoom).toBeCloseTo(2 * usual);
    c.magnify(1000);
    expect(c.zoom).toBeCloseTo(2.5 * usual);
    c.magnify(1 / 1000);
    expect(c.zoom).toBeCloseTo(0.4 * usual);
  });

  it('shakes only when it may, and comes to rest', () => {
    const c = looking(1280, 800, 1000, 750);
    c.shake(1);
    c.follow(1000, 750, 0, 0, 1 / 60, false);
    expect(c.shakeX).toBeCloseTo(0);
    c.shake(1);
    c.follow(1000, 750, 0, 0, 1 / 60, true);
    expect(Math.hypot(c.shakeX, c.shakeY)).toBeGreaterThan(1);
    for (let i = 0; i < 60; i++) c.follow(1000, 750, 0, 0, 1 / 60, true);
    expect(Math.hypot(c.shakeX, c.shakeY)).toBeCloseTo(0);
  });
});

describe('what is seen', () => {
  it('is the window in units and a little more, wherever the camera is', () => {
    const c = new Camera();
    c.resize(1300, 650);
    c.follow(500, 300, 0, 0, 1, false);
    const { left, right, top, bottom } = c.seen;
    expect(right - left).toBeGreaterThan(1300 / c.zoom);
    expect(right - left).toBeLessThan(1300 / c.zoom + 100);
    expect((left + right) / 2).toBeCloseTo(c.x);
    expect((top + bottom) / 2).toBeCloseTo(c.y);
    c.covered = 150; // by thumbs: what is followed is above the middle of the window
    c.follow(500, 300, 0, 0, 1, false);
    expect(c.seen.top).toBeGreaterThan(top);
    expect(c.seen.bottom - c.seen.top).toBeCloseTo(bottom - top);
  });
});
