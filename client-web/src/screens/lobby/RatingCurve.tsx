// The rating over time: one line and its bounds, which need no plotting library.

import type { Played } from '../../lobby/answers';
import { modeTitled, rated } from './words';

/** Fewer points are no curve, and more are a line without dots. */
const fewest = 2;
const dotted = 30;
/** The drawing's own units; the page stretches it. */
const width = 100;
const height = 100;

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

/** The points in the drawing's units, from the left edge to the right one, the highest rating on top. */
export function placed(times: readonly number[], ratings: readonly number[]): [number, number][] {
  const span = (v: readonly number[]) => [Math.min(...v), Math.max(...v)];
  const [first, last] = span(times);
  const [low, high] = span(ratings);
  const share = (v: number, from: number, to: number) => (to > from ? (v - from) / (to - from) : 0.5);
  return times.map((t, i) => [width * share(t, first, last), height * (1 - share(ratings[i], low, high))]);
}

const day = (seconds: number) =>
  new Date(seconds * 1000).toLocaleDateString(undefined, { dateStyle: 'medium' });

export function RatingCurve({ matches }: { matches: readonly Played[] }) {
  const mode = mainMode(matches);
  const [times, ratings] = curve(matches, mode);
  if (times.length < fewest) return null;
  const points = placed(times, ratings);
  const line = `M${points.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join('L')}`;
  const dots =
    times.length < dotted ? points.map(([x, y]) => `M${x.toFixed(2)} ${y.toFixed(2)}h0`).join('') : '';
  const [first, last] = [ratings[0], ratings[ratings.length - 1]];
  const days = [...new Set([times[0], times[times.length - 1]].map(day))];
  return (
    <figure class="curve">
      <figcaption>Rating · {modeTitled(mode)}</figcaption>
      <div class="curveRatings" aria-hidden="true">
        {[Math.max(...ratings), Math.min(...ratings)].map((r) => (
          <span key={r}>{rated(r)}</span>
        ))}
      </div>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`From ${rated(first)} to ${rated(last)} in ${ratings.length} rated matches`}
      >
        <path class="area" d={`${line}V${height}H0Z`} />
        <path d={line} />
        <path class="dots" d={dots} />
      </svg>
      <p class="curveDays" aria-hidden="true">
        {days.map((d) => (
          <span key={d}>{d}</span>
        ))}
      </p>
    </figure>
  );
}
