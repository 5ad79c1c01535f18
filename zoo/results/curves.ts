import { type CsvCell, formatCsv, parseCsv } from '../../src/report/index.js';

/** A piece of a learning curve: the episodes that ended between two numbers of steps. */
export interface CurveRow {
  /** Up to this many steps in all */
  readonly steps: number;
  readonly episodes: number;
  /** Of those episodes; NaN without any */
  readonly mean_return: number;
  readonly mean_length: number;
  /** Since the beginning of training */
  readonly seconds: number;
}

const COLUMNS = ['steps', 'episodes', 'mean_return', 'mean_length', 'seconds'] as const;
/** Rows of a curve.csv: enough to draw, and small enough to keep for hundreds of runs. */
const ROWS = 50;

type Iteration = Readonly<Record<string, number>>;

/** The rows of progress.csv put together to a fiftieth of the steps each. */
export function thinCurve(progress: readonly Iteration[], steps: number): CurveRow[] {
  const rows: CurveRow[] = [];
  let seconds = 0;
  let group: Iteration[] = [];
  progress.forEach((row, i) => {
    group.push(row);
    seconds += row['seconds_sampling'] + row['seconds_update'];
    const due = row['simulator_steps'] >= ((rows.length + 1) * steps) / ROWS;
    if (!due && i < progress.length - 1) return;
    const episodes = sum(group, () => 1);
    rows.push({
      steps: row['simulator_steps'],
      episodes,
      mean_return: sum(group, (entry) => entry['mean_return']) / episodes,
      mean_length: sum(group, (entry) => entry['mean_length']) / episodes,
      seconds,
    });
    group = [];
  });
  return rows;
}

/** Over iterations, each as often as it has episodes. */
function sum(rows: readonly Iteration[], value: (row: Iteration) => number): number {
  return rows.reduce((total, row) => total + row['episodes'] * value(row), 0);
}

export function formatCurve(rows: readonly CurveRow[]): string {
  const cells = rows.map((row): CsvCell[] => COLUMNS.map((name) => Number(row[name].toPrecision(6))));
  return formatCsv(COLUMNS, cells);
}

/** Reads a curve.csv, of this library or of a peer. */
export function readCurve(text: string, name: string): CurveRow[] {
  const { columns, rows } = parseCsv(text, name);
  const at = COLUMNS.map((column) => columns.indexOf(column));
  return rows.map((row) => Object.fromEntries(COLUMNS.map((column, i) => [column, Number(row[at[i]])])) as never);
}

/** Points of a drawn curve. */
export const GRID = 40;

/**
 * A curve's mean return in each of GRID equal parts of the steps, where no episode ended that of the part before.
 * @returns as many as the curve has come to
 */
export function gridCurve(rows: readonly CurveRow[], steps: number): number[] {
  const values: number[] = [];
  let last = Number.NaN;
  const reached = Math.min(GRID, Math.floor(((rows.at(-1)?.steps ?? 0) * GRID) / steps));
  for (let k = 1; k <= reached; k++) {
    const low = ((k - 1) * steps) / GRID;
    const inside = rows.filter((row) => row.steps > low && row.steps <= low + steps / GRID && row.episodes > 0);
    const episodes = inside.reduce((total, row) => total + row.episodes, 0);
    if (episodes > 0) last = inside.reduce((total, row) => total + row.episodes * row.mean_return, 0) / episodes;
    values.push(last);
  }
  return values;
}
