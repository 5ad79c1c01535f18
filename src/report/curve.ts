import { join } from 'node:path';
import { writeAtomic } from '../base/files.js';
import { CHART_CONFIG, PALETTE, renderSvg, type TopLevelSpec } from './chart.js';
import { type LabelledRun, labelRuns } from './labels.js';
import { type ProgressRow, type Run, readRun } from './run.js';

/** A figure of runs against their iterations, and how to show it. */
export interface Quantity {
  readonly title: string;
  /** One sentence for the reader of the page. */
  readonly note: string;
  /** Column of progress.csv, or of evaluations.csv. */
  readonly column: string;
  readonly from: 'progress' | 'evaluations';
  readonly logarithmic: boolean;
}

/** The paper's metric, the only place besides figures where costs are shown. */
const FIRST = 'mean_cost_per_step';

const EVALUATIONS: Quantity = {
  title: 'Return in evaluation',
  note: 'mean over the episodes of each evaluation while training',
  column: 'mean_return',
  from: 'evaluations',
  logarithmic: false,
};

/**
 * One chart of one quantity against iterations, counted from 1: a line a run, runs of one label in one colour. Where a
 * label has several runs, these are thin, and the mean over those that got that far is thick, with one standard deviation
 * to either side shaded.
 * @param labels of all charts that are to agree in their colours; default: those of these runs
 */
export function quantityChart(
  runs: readonly LabelledRun[],
  quantity: Quantity,
  size: { width: number; height: number },
  labels: readonly string[] = [...new Set(runs.map(({ label }) => label))],
): object {
  const { logarithmic, from, column } = quantity;
  const values = runs.flatMap((run) =>
    (run[from] as readonly ProgressRow[])
      .map((row) => ({ label: run.label, run: run.directory, iteration: row.iteration + 1, value: row[column] }))
      .filter(({ value }) => Number.isFinite(value) && (!logarithmic || value > 0)),
  );
  const drawn = labels.filter((label) => values.some((value) => value.label === label));
  const counts = labels.map((label) => runs.filter((run) => run.label === label).length);
  const several = counts.some((count) => count > 1);
  // A spread that reaches below zero ends at the lowest value on a logarithmic axis.
  const least = values.reduce((low, { value }) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const x = {
    field: 'iteration',
    type: 'quantitative',
    title: 'iteration',
    axis: { tickMinStep: 1 },
    scale: { nice: false },
  };
  const scale = logarithmic ? { type: 'log' } : { zero: false };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title: null,
    axis: { labelExpr: "format(datum.value, '.6~g')" },
    scale,
  });
  const color = {
    field: 'label',
    type: 'nominal',
    title: null,
    scale: { domain: drawn, range: drawn.map((label) => PALETTE[labels.indexOf(label) % PALETTE.length]) },
    legend: labels.length > 1 ? { symbolType: 'stroke', symbolOpacity: 1, columns: 2 } : null,
  };
  const mark = { type: 'line', clip: true, point: values.length <= 3 * runs.length };
  const lines = {
    mark: { ...mark, opacity: several ? 0.35 : 1, strokeWidth: several ? 1 : 1.8 },
    encoding: { x, y: y('value'), color, detail: { field: 'run' } },
  };
  // Of the labels that have several runs, at the iterations that one of them got to.
  const aggregated = [
    {
      aggregate: [
        { op: 'mean', field: 'value', as: 'mean' },
        { op: 'stdev', field: 'value', as: 'stdev' },
      ],
      groupby: ['label', 'iteration'],
    },
    { filter: { field: 'label', oneOf: labels.filter((_, i) => counts[i] > 1) } },
    { calculate: 'isFinite(datum.stdev) ? datum.stdev : 0', as: 'spread' },
    { calculate: `max(datum.mean - datum.spread, ${logarithmic ? least : '-1/0'})`, as: 'low' },
    { calculate: 'datum.mean + datum.spread', as: 'high' },
  ];
  const band = {
    transform: aggregated,
    mark: { type: 'area', opacity: 0.15, clip: true },
    encoding: { x, y: y('low'), y2: { field: 'high' }, color },
  };
  const means = { transform: aggregated, mark: { ...mark, strokeWidth: 2.4 }, encoding: { x, y: y('mean'), color } };
  return { ...size, title: quantity.title, data: { values }, layer: several ? [band, lines, means] : [lines] };
}

/** A whole picture: charts side by side, so many in a row, each with its own legend. */
export function chartGrid(charts: readonly object[], columns: number): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    concat: charts,
    columns,
    spacing: 24,
    resolve: { scale: { color: 'independent' } },
    config: CHART_CONFIG,
  } as unknown as TopLevelSpec;
}

/** The quantities of which some run has at least one figure: the cost, the evaluations, then all in the columns' order. */
export function knownQuantities(runs: readonly Run[]): Quantity[] {
  const columns = new Map<string, Quantity>();
  for (const { name, title, note, logarithmic, chart } of runs.flatMap((run) => run.columns)) {
    if (chart && !columns.has(name)) columns.set(name, { title, note, column: name, from: 'progress', logarithmic });
  }
  const cost = columns.get(FIRST);
  columns.delete(FIRST);
  const all = [...(cost === undefined ? [] : [cost]), EVALUATIONS, ...columns.values()];
  return all.filter(({ column, from }) =>
    runs.some((run) => (run[from] as readonly ProgressRow[]).some((row) => Number.isFinite(row[column]))),
  );
}

/**
 * Draws the learning curves of a run into its directory as curve.svg.
 * @returns the path of the file
 */
export async function writeCurve(runDirectory: string): Promise<string> {
  const [run] = labelRuns([readRun(runDirectory)]);
  const size = { width: 260, height: 180 };
  const charts = knownQuantities([run]).map((quantity) => quantityChart([run], quantity, size));
  const spec = chartGrid(charts, 3);
  const seed = Number.isNaN(run.seed) ? '' : `, seed ${run.seed}`;
  const file = join(run.directory, 'curve.svg');
  await writeAtomic(file, await renderSvg({ ...spec, title: `${run.label}${seed}` } as TopLevelSpec));
  return file;
}
