import { knownQuantities, type Quantity } from './curve.js';
import type { Run } from './run.js';

/** Figures of one CSV file by column, null where there is none; `iteration` counts from 1. */
export type PlottedColumns = Readonly<Record<string, readonly (number | null)[]>>;

/** What the charts of a page (chart-script.ts) need of a run, as JSON. */
export interface PlottedRun {
  readonly label: string;
  readonly experiment: string;
  readonly progress: PlottedColumns;
  readonly evaluations: PlottedColumns;
}

/** What a page draws of each experiment, in the order of the page. */
export type PlottedQuantities = Readonly<Record<string, readonly Quantity[]>>;

/** More digits than a screen shows. */
const DIGITS = 7;

type Rows = readonly Readonly<Record<string, number>>[];

/** A run without its label, which depends on the runs beside it. */
export function plotRun(run: Run): Omit<PlottedRun, 'label'> {
  const drawn = knownQuantities([run]);
  const columns = (from: Quantity['from'], rows: Rows) => {
    const names = drawn.filter((quantity) => quantity.from === from).map(({ column }) => column);
    const figures = names.map((name) => [name, rows.map((row) => rounded(row[name]))] as const);
    return { iteration: rows.map(({ iteration }) => iteration! + 1), ...Object.fromEntries(figures) };
  };
  const { experiment, progress, evaluations } = run;
  return {
    experiment,
    progress: columns('progress', progress),
    evaluations: columns('evaluations', evaluations),
  };
}

export function plotQuantities(runs: readonly Run[]): PlottedQuantities {
  const experiments = [...new Set(runs.map(({ experiment }) => experiment))];
  return Object.fromEntries(
    experiments.map((name) => [name, knownQuantities(runs.filter(({ experiment }) => experiment === name))]),
  );
}

function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : null;
}

/** JSON that may stand in a script of a page. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
