import { z } from 'zod';
import type { Evaluation } from './evaluate.js';

/** Evaluation while training, in config.json: how often, and on which episodes. */
export const evaluationSchema = z.strictObject({
  /** After every k-th iteration */
  every: z.int().min(1).max(1_000_000),
  episodes: z.int().min(1).max(1_000_000).default(10),
  /** Of start states and actions; their draws are those of neither training nor `trellis eval`. */
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  /** Always the most likely action. */
  deterministic: z.boolean().default(false),
});
export type EvaluationInput = z.input<typeof evaluationSchema>;
export type EvaluationSettings = z.output<typeof evaluationSchema>;

/** Columns of evaluations.csv. `iteration` is that of progress.csv whose update made the policy. */
export const EVALUATION_COLUMNS = [
  'iteration',
  'simulator_steps',
  'episodes',
  'mean_return',
  'std_return',
  'mean_length',
  'mean_cost_per_step',
] as const;

/** One evaluation: a row of evaluations.csv. */
export type EvaluationRow = Readonly<Record<(typeof EVALUATION_COLUMNS)[number], number>>;

export const EVALUATION_HEADER = `${EVALUATION_COLUMNS.join(',')}\n`;

export function evaluationRow(iteration: number, simulatorSteps: number, result: Evaluation): EvaluationRow {
  const { mean_return, std_return, mean_length, mean_cost_per_step, returns } = result;
  const figures = { mean_return, std_return, mean_length, mean_cost_per_step };
  return { iteration, simulator_steps: simulatorSteps, episodes: returns.length, ...figures };
}

export function evaluationLine(row: EvaluationRow): string {
  return `${EVALUATION_COLUMNS.map((column) => String(row[column])).join(',')}\n`;
}

/** Rows of the text of evaluations.csv. */
export function parseEvaluations(text: string): EvaluationRow[] {
  const [, ...lines] = text.split('\n').slice(0, -1);
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(EVALUATION_COLUMNS.map((column, i) => [column, Number(cells[i])])) as EvaluationRow;
  });
}

/** Is a return higher than all those before? The first of equal ones stays the best. */
export function isBest(value: number, before: readonly EvaluationRow[]): boolean {
  return !Number.isNaN(value) && !before.some(({ mean_return }) => mean_return >= value);
}

/** Is it time for an evaluation? @param iterations done */
export function isDue(settings: EvaluationSettings | undefined, iterations: number): boolean {
  return settings !== undefined && iterations > 0 && iterations % settings.every === 0;
}

/** Was an evaluation due that has no row, since the run was killed before it? @param iterations done */
export function isOwed(
  settings: EvaluationSettings | undefined,
  iterations: number,
  rows: readonly EvaluationRow[],
): boolean {
  return isDue(settings, iterations) && rows.at(-1)?.iteration !== iterations - 1;
}
