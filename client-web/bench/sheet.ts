// A table of figures: rows by name, a column for each of what is compared.

interface Row {
  unit: string;
  /** Of each column, what was measured in the rounds. */
  values: number[][];
}

/** The middle one, and the mean of both where there are two. */
function median(values: readonly number[]): number {
  const v = [...values].sort((a, b) => a - b);
  const middle = v.length >> 1;
  return v.length % 2 === 1 ? v[middle] : (v[middle - 1] + v[middle]) / 2;
}

export class Sheet {
  private readonly rows = new Map<string, Row>();

  constructor(private readonly columns: readonly string[]) {}

  add(column: number, name: string, unit: string, value: number): void {
    const row = this.rows.get(name) ?? { unit, values: this.columns.map(() => []) };
    row.values[column].push(value);
    this.rows.set(name, row);
  }

  /** The table as text: medians, with the least and the greatest. */
  text(): string {
    const lines = [['', ...this.columns]];
    for (const [name, { unit, values }] of this.rows) {
      const cells = values.map((v) => {
        if (v.length === 0) return '-';
        const show = (n: number) => n.toFixed(n >= 100 ? 0 : 2);
        return `${show(median(v))} ${unit} (${show(Math.min(...v))} to ${show(Math.max(...v))})`;
      });
      lines.push([name, ...cells]);
    }
    const widths = lines[0].map((_, i) => Math.max(...lines.map((l) => l[i].length)));
    return lines
      .map((l) =>
        l
          .map((c, i) => c.padEnd(widths[i]))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
  }
}
