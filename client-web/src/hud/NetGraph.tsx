// The net graph: what the connection and the prediction are doing, with the last ten seconds as lines.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** A line of the graph: a name, the present value as text, and the history drawn beside it. */
export interface GraphRow {
  label: string;
  text: string;
  value: number;
  /** The value at the top of the line's box; it grows when exceeded. */
  full: number;
  bad: boolean;
}

export const graphRows = signal<readonly GraphRow[]>([]);

/** A moment that looked wrong, and what it came from. */
export interface HitchLine {
  at: number;
  cause: 'frame' | 'server' | 'send' | 'network';
  word: string;
  ms: number;
}

/** The last hitches, newest first. */
export const hitchLines = signal<readonly HitchLine[]>([]);

const history = 100;
const width = 120;
const height = 18;

function Spark({ row }: { row: GraphRow }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const values = useRef<number[]>([]);
  useEffect(() => {
    const v = values.current;
    v.push(row.value);
    if (v.length > history) v.shift();
    const c = canvas.current?.getContext('2d');
    if (!c) return;
    const top = Math.max(row.full, ...v);
    c.clearRect(0, 0, width * 2, height * 2);
    c.beginPath();
    v.forEach((y, i) => {
      c.lineTo(
        ((i + history - v.length) / (history - 1)) * width * 2,
        height * 2 - 2 - (y / top) * (height * 2 - 4),
      );
    });
    c.strokeStyle = row.bad ? '#ff9d3c' : '#35e0ff';
    c.lineWidth = 2;
    c.stroke();
  });
  return <canvas ref={canvas} width={width * 2} height={height * 2} />;
}

export function NetGraph() {
  return (
    <table class="netgraph panel" aria-label="Net graph">
      <tbody>
        {graphRows.value.map((row) => (
          <tr key={row.label} data-bad={row.bad ? '' : undefined}>
            <th scope="row">{row.label}</th>
            <td>{row.text}</td>
            <td>
              <Spark row={row} />
            </td>
          </tr>
        ))}
        <tr>
          <td class="hitches" colSpan={3}>
            <span>{hitchLines.value.length > 0 ? 'Hitches' : 'No hitches'}</span>
            {hitchLines.value.map((h) => (
              <span key={`${h.at}${h.cause}`} data-cause={h.cause}>
                {h.word} {h.ms} ms
              </span>
            ))}
          </td>
        </tr>
      </tbody>
    </table>
  );
}
