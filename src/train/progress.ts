import { type Column, type CommonColumn, isCommonColumn } from '../algorithms/columns.js';
import type { IterationReport } from '../algorithms/types.js';
import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { checkKnownKeys } from '../base/options.js';

/** Iterations at the end of a run that its last figures are means of. */
export const FINAL_ITERATIONS = 5;

/** One iteration: the common columns and the method's own; NaN where there is no such figure. */
export type ProgressRow = Readonly<Record<CommonColumn, number>> & Readonly<Record<string, number>>;

/** Seconds of each phase of an iteration. */
export type PhaseSeconds = Readonly<Record<'sampling' | 'update', number>>;

/** What is known of an iteration beside its report. */
export interface IterationFacts {
  readonly iteration: number;
  /** Of all iterations so far, this one included */
  readonly simulatorSteps: number;
  readonly seconds: PhaseSeconds;
  /** T */
  readonly nominalLength: number;
}

/** The columns of one method: how its rows are made, written and read. */
export class ProgressTable {
  /** First line of progress.csv, with its break */
  readonly header: string;
  private readonly names: readonly string[];
  private readonly own: readonly string[];

  constructor(
    readonly columns: readonly Column[],
    private readonly method: string,
  ) {
    this.names = columns.map(({ name }) => name);
    this.own = this.names.filter((name) => !isCommonColumn(name));
    this.header = `${this.names.join(',')}\n`;
  }

  /** @throws ArgumentError, NotFoundError naming what of a report is wrong */
  row(report: IterationReport, facts: IterationFacts): ProgressRow {
    const what = `report of method "${this.method}"`;
    const { diagnostics } = report;
    checkKnownKeys(`diagnostics in the ${what}`, diagnostics, this.own);
    for (const [name, value] of Object.entries(diagnostics)) {
      if (typeof value === 'number') continue;
      throw new ArgumentError(`${what}: ${name} is ${describeValue(value)}`, { value, expected: 'a number' });
    }
    const round = (seconds: number) => Math.round(seconds * 1e4) / 1e4;
    const figures: Record<string, number> = {
      ...diagnostics,
      iteration: facts.iteration,
      simulator_steps: facts.simulatorSteps,
      ...episodeFigures(report, facts.nominalLength, what),
      seconds_sampling: round(facts.seconds.sampling),
      seconds_update: round(facts.seconds.update),
    };
    return Object.fromEntries(this.names.map((name) => [name, figures[name] ?? Number.NaN])) as ProgressRow;
  }

  /** One line, numbers in the shortest form that reads back to the same double. */
  line(row: ProgressRow): string {
    return `${this.names.map((name) => String(row[name])).join(',')}\n`;
  }

  /** A line without the columns of seconds: the same in every run of a seed. */
  timelessLine(row: ProgressRow): string {
    const names = this.names.filter((name) => !name.startsWith('seconds_'));
    return `${names.map((name) => String(row[name])).join(',')}\n`;
  }
}

/** Steps of an iteration. @throws ArgumentError naming what of a report is wrong */
export function checkSteps(report: IterationReport, method: string): number {
  const { simulatorSteps, diverged = 0 } = report ?? {};
  for (const [name, value] of Object.entries({ simulatorSteps, diverged })) {
    if (Number.isSafeInteger(value) && value! >= 0) continue;
    throw new ArgumentError(`report of method "${method}": ${name} is ${describeValue(value)}`, {
      value,
      expected: 'a number of them in this iteration',
    });
  }
  return simulatorSteps;
}

/** The common columns that the episodes decide. @param nominalLength T */
function episodeFigures({ episodes }: IterationReport, nominalLength: number, what: string) {
  const { returns, lengths, ended = returns?.length } = episodes ?? {};
  if (typeof returns?.length !== 'number' || lengths?.length !== returns.length) {
    throw new ArgumentError(`${what}: episodes`, {
      value: episodes,
      expected: 'returns and lengths, one of each an episode',
    });
  }
  if (!Number.isSafeInteger(ended) || ended! < 0) {
    throw new ArgumentError(`${what}: episodes.ended`, { value: ended, expected: 'a number of episodes' });
  }
  let total = 0;
  let steps = 0;
  for (let path = 0; path < returns.length; path++) {
    total += returns[path];
    steps += lengths[path];
  }
  return {
    episodes: ended!,
    mean_return: total / returns.length,
    mean_length: steps / returns.length,
    mean_cost_per_step: -total / (nominalLength * returns.length),
  };
}

/** Rows of the text of progress.csv, whatever its columns; a last line without its end (a torn write) is left out. */
export function parseProgress(text: string): ProgressRow[] {
  const lines = text.split('\n').slice(0, -1);
  const columns = (lines.shift() ?? '').split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, i) => [column, Number(cells[i])])) as ProgressRow;
  });
}

/** Mean of a figure over the last iterations; NaN where there are none. */
export function finalMean(rows: readonly ProgressRow[], column: string): number {
  const last = rows.slice(-FINAL_ITERATIONS);
  return last.reduce((sum, row) => sum + row[column], 0) / last.length;
}
