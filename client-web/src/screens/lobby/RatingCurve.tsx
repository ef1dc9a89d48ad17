// The rating over time. The plotting library is loaded when there is something to plot.

import { useEffect, useRef } from 'preact/hooks';
import type { Played } from '../../lobby/answers';
import { modeTitled } from './words';

const height = 150;
/** Fewer points are no curve. */
const fewest = 2;

/** Seconds and ratings after each rated match of the mode, oldest first. */
export function curve(matches: readonly Played[], mode: string): [number[], number[]] {
  const points = matches.filter((m) => m.mode === mode && m.after !== null).sort((a, b) => a.ended - b.ended);
  return [points.map((m) => m.ended / 1000), points.map((m) => m.after ?? 0)];
}

/** The mode with most rated matches. */
export function mainMode(matches: readonly Played[]): string {
  const counts = new Map<string, number>();
  for (const m of matches) if (m.after !== null) counts.set(m.mode, (counts.get(m.mode) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

export function RatingCurve({ matches }: { matches: readonly Played[] }) {
  const box = useRef<HTMLDivElement>(null);
  const mode = mainMode(matches);
  const [times, ratings] = curve(matches, mode);
  const enough = times.length >= fewest;
  const key = times.join();
  // The key stands for the points.
  useEffect(() => {
    const host = box.current;
    if (!host || !enough) return;
    let wanted = true;
    let drop = () => {};
    void Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]).then(([{ default: Plot }]) => {
      if (!wanted) return;
      const ink = getComputedStyle(host);
      const accent = ink.getPropertyValue('--accent');
      const axis = {
        stroke: ink.getPropertyValue('--ink-dim'),
        grid: { stroke: 'rgba(110, 160, 255, 0.12)', width: 1 },
        ticks: { show: false },
        font: `12px ${ink.fontFamily}`,
      };
      const plot = new Plot(
        {
          width: host.clientWidth,
          height,
          legend: { show: false },
          cursor: { points: { size: 8 } },
          axes: [axis, { ...axis, size: 44 }],
          series: [
            {},
            {
              stroke: accent,
              width: 2,
              fill: 'rgba(53, 224, 255, 0.1)',
              points: { show: times.length < 30 },
            },
          ],
        },
        [times, ratings],
        host,
      );
      const fit = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height }));
      fit.observe(host);
      drop = () => {
        fit.disconnect();
        plot.destroy();
      };
    });
    return () => {
      wanted = false;
      drop();
    };
  }, [key, enough]);
  if (!enough) return null;
  const last = ratings.at(-1) ?? 0;
  return (
    <figure class="curve">
      <figcaption>Rating · {modeTitled(mode)}</figcaption>
      <div
        ref={box}
        role="img"
        aria-label={`From ${ratings[0].toFixed(1)} to ${last.toFixed(1)} in ${ratings.length} rated matches`}
      />
    </figure>
  );
}
