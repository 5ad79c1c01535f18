import type { IterationReport } from '../algorithms/types.js';

/** Columns of progress.csv in their order. `simulator_steps` is cumulative, all others belong to the one iteration. */
export const PROGRESS_COLUMNS = [
  'iteration',
  'simulator_steps',
  'trunk_steps',
  'branch_steps',
  'episodes',
  'mean_return',
  'mean_length',
  'mean_cost_per_step',
  'surrogate_before',
  'surrogate_after',
  'mean_kl',
  'max_kl',
  'entropy',
  'step_fraction',
  'cg_residual',
  'seconds_sampling',
  'seconds_update',
] as const;
export type ProgressColumn = (typeof PROGRESS_COLUMNS)[number];

/** One iteration; NaN where the method has no such figure. */
export type ProgressRow = Record<ProgressColumn, number>;

/** @param simulatorSteps of all iterations so far, this one included */
export function progressRow(iteration: number, simulatorSteps: number, report: IterationReport): ProgressRow {
  return {
    iteration,
    simulator_steps: simulatorSteps,
    trunk_steps: report.trunkSteps,
    branch_steps: report.branchSteps,
    episodes: report.episodes,
    mean_return: report.meanReturn,
    mean_length: report.meanLength,
    mean_cost_per_step: report.meanCostPerStep,
    surrogate_before: report.surrogateBefore,
    surrogate_after: report.surrogateAfter,
    mean_kl: report.meanKl,
    max_kl: report.maxKl,
    entropy: report.entropy,
    step_fraction: report.stepFraction,
    cg_residual: report.cgResidual,
    seconds_sampling: Math.round(report.secondsSampling * 1e4) / 1e4,
    seconds_update: Math.round(report.secondsUpdate * 1e4) / 1e4,
  };
}

export const PROGRESS_HEADER = `${PROGRESS_COLUMNS.join(',')}\n`;

/** One line, numbers in the shortest form that reads back to the same double. */
export function progressLine(row: ProgressRow): string {
  return `${PROGRESS_COLUMNS.map((column) => String(row[column])).join(',')}\n`;
}

/** A line of progress.csv without the columns of seconds: the same in every run of a seed. */
export function timelessLine(row: ProgressRow): string {
  const columns = PROGRESS_COLUMNS.filter((column) => !column.startsWith('seconds_'));
  return `${columns.map((column) => String(row[column])).join(',')}\n`;
}

/** Rows of the text of progress.csv; a last line without its end (a torn write) is left out. */
export function parseProgress(text: string): ProgressRow[] {
  const lines = text.split('\n').slice(0, -1);
  const columns = (lines.shift() ?? '').split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, i) => [column, Number(cells[i])])) as ProgressRow;
  });
}
