/**
 * What every benchmark shares. Absolute times do not last, so each figure is a ratio of two things measured in the same
 * run: their repetitions are interleaved (a, b, a, b, …) and the medians compared; or, where the machine's speed drifts
 * within a run by more than what is asked, the median taken of the ratios of neighbours (`comparePairs`).
 */

/** One line of a benchmark's table. */
export interface Row {
  /** What was measured, e.g. "swimmer, N = 64, one thread". */
  name: string;
  /** Our figure, in `unit`. */
  value: number;
  /** e.g. "steps/s" */
  unit: string;
  /** What it is compared with, in the same unit. */
  baseline?: { name: string; value: number };
  /** value / baseline, or the median of such ratios */
  ratio?: number;
  /** The ratio the project asks of itself (a floor, or a ceiling where less is better), and the one it reaches for. */
  atLeast?: number;
  atMost?: number;
  reachFor?: number;
  note?: string;
}

/** A module of bench/: what `npm run bench -- <name>` runs. */
export interface Benchmark {
  readonly name: string;
  run(): Promise<Row[]>;
}

/** One side of a comparison: does its work once and returns how many units (steps, samples, …) that was. */
export type Work = () => number | Promise<number>;

export interface MeasureOptions {
  /** Seconds that one repetition of each side should take; the work is repeated to fill them. Default 0.5. */
  seconds?: number;
  /** Interleaved repetitions of each side. Default 5. */
  repetitions?: number;
  /** Milliseconds; default `performance.now`. */
  now?: () => number;
}

/** Units per second of each side: the median over interleaved repetitions, after one round to warm up. */
export async function measure<Name extends string>(
  sides: Record<Name, Work>,
  { seconds = 0.5, repetitions = 5, now = () => performance.now() }: MeasureOptions = {},
): Promise<Record<Name, number>> {
  const names = Object.keys(sides) as Name[];
  const rates = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (const name of names) await rate(sides[name], 0, now);
  for (let i = 0; i < repetitions; i++) {
    for (const name of names) rates.get(name)?.push(await rate(sides[name], seconds, now));
  }
  return Object.fromEntries(names.map((name) => [name, median(rates.get(name) ?? [])])) as Record<Name, number>;
}

async function rate(work: Work, seconds: number, now: () => number): Promise<number> {
  const start = now();
  let units = 0;
  let elapsed = 0;
  do {
    units += await work();
    elapsed = (now() - start) / 1000;
  } while (elapsed < seconds);
  return units / elapsed;
}

/** A row that compares two figures of one `measure`. */
export function compare(
  row: Omit<Row, 'value' | 'baseline' | 'ratio'>,
  value: number,
  baseline: { name: string; value: number },
): Row {
  return { ...row, value, baseline, ratio: value / baseline.value };
}

/** A row of interleaved repetitions: the ratio is the median over neighbours, which ran at the same speed of the machine. */
export function comparePairs(
  row: Omit<Row, 'value' | 'baseline' | 'ratio'>,
  values: readonly number[],
  baseline: { name: string; values: readonly number[] },
): Row {
  return {
    ...row,
    value: median(values),
    baseline: { name: baseline.name, value: median(baseline.values) },
    ratio: median(values.map((value, i) => value / baseline.values[i])),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The rows as a table for people. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [['', 'measured', 'compared with', 'ratio', 'asked', 'reach for', '']];
  for (const row of rows) {
    const baseline = row.baseline ? `${row.baseline.name}: ${significant(row.baseline.value)}` : '';
    const figure = row.ratio ?? row.value;
    const asked = [
      row.atLeast === undefined ? '' : `>= ${row.atLeast}`,
      row.atMost === undefined ? '' : `<= ${row.atMost}`,
    ].join('');
    const met = figure >= (row.atLeast ?? -Infinity) && figure <= (row.atMost ?? Infinity);
    const verdict = asked === '' ? '' : met ? 'met' : 'MISSED';
    lines.push([
      row.name,
      `${significant(row.value)} ${row.unit}`,
      baseline,
      row.ratio === undefined ? '' : significant(row.ratio),
      asked,
      row.reachFor === undefined ? '' : String(row.reachFor),
      [verdict, row.note].filter(Boolean).join('; '),
    ]);
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Three significant digits, thousands as k and millions as M. */
function significant(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  if (magnitude >= 1e3) return `${(value / 1e3).toPrecision(3)}k`;
  return value.toPrecision(3);
}
