import { describe, expect, it } from 'vitest';
import { stick } from './gamepad';

describe('a stick', () => {
  it('rests inside the dead zone, whatever its direction', () => {
    expect(stick(0.12, -0.12, 0.18, 1)).toEqual({ x: 0, y: 0 });
  });

  it('starts from nothing at the edge of the dead zone and ends at one', () => {
    expect(stick(0.19, 0, 0.18, 1).x).toBeCloseTo(0.0122, 3);
    expect(stick(1, 0, 0.18, 1).x).toBe(1);
  });

  it('keeps its direction and never exceeds one', () => {
    const s = stick(0.9, 0.9, 0.18, 2);
    expect(Math.hypot(s.x, s.y)).toBeCloseTo(1, 6);
    expect(Math.atan2(s.y, s.x)).toBeCloseTo(Math.PI / 4, 6);
  });
});
