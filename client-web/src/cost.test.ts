import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Cost } from './cost';

let now = 0;
beforeEach(() => {
  now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

/** A frame of 16 ms: a message before it, and its parts. */
function frame(c: Cost, receive: number, core: number, render: number): void {
  c.frame();
  now += core;
  c.lap('core');
  now += render;
  c.lap('render');
  now += 16 - core - render - receive;
  c.start();
  now += receive;
  c.lap('receive');
}

describe('cost', () => {
  it('sums the parts of a frame and of the messages after it', () => {
    const c = new Cost();
    c.on = true;
    for (let i = 0; i < 100; i++) frame(c, 1, 2, i === 50 ? 8 : 4);
    c.frame();
    const r = c.report();
    expect(r.frames).toBe(100);
    expect(r.receive).toEqual({ mean: 1, p99: 1 });
    expect(r.core.mean).toBe(2);
    expect(r.render.mean).toBeCloseTo(4.04);
    expect(r.render.p99).toBe(8);
    expect(r.all.mean).toBeCloseTo(7.04);
    expect(r.gap).toEqual({ mean: 16, p99: 16 });
    expect(r.scene.mean).toBe(0);
  });

  it('reports on the last frames only, however many there were', () => {
    const c = new Cost();
    c.on = true;
    for (let i = 0; i < 5000; i++) frame(c, 0, 1, 5);
    for (let i = 0; i < 10; i++) frame(c, 0, 1, 2);
    c.frame();
    expect(c.report(10).render).toEqual({ mean: 2, p99: 2 });
    expect(c.report(10).frames).toBe(10);
    expect(c.report().frames).toBe(2048);
  });

  it('keeps nothing while it is off, nor the gap before it is on', () => {
    const c = new Cost();
    frame(c, 1, 1, 1);
    c.frame();
    expect(c.report()).toMatchObject({ frames: 0, all: { mean: 0, p99: 0 } });
    c.on = true;
    now += 5000;
    for (let i = 0; i < 3; i++) frame(c, 0, 1, 1);
    expect(c.report()).toMatchObject({ frames: 2, gap: { mean: 16, p99: 16 } });
  });
});
