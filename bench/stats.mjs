// Numbers and tables of the bench. Pure.

/** Of an odd number of values the middle one, otherwise the lower of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** Three digits that say something: 12.3 ms, 1.23 s. */
export function ms(value) {
  if (value === undefined) return '–';
  return value < 1000
    ? `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`
    : `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;
}

export function ratio(value) {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ×`;
}

/** A table in Markdown, columns as wide as their widest cell. */
export function table(head, rows) {
  const lines = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_cell, column) => Math.max(...lines.map((row) => row[column]?.length ?? 0)));
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(lines[0]), rule, ...lines.slice(1).map((row) => line(row))].join('\n');
}

/** Runs each of the named measurements once per round, in turn, so that a busy moment hits all. @returns values by name. */
export async function alternate(rounds, measurements) {
  const values = Object.fromEntries(Object.keys(measurements).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(measurements)) values[name].push(await measure());
  }
  return values;
}
