import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cell, openSealed, RunDirectoryError } from '../../src/index.js';
import { mean, parseCsv } from '../../src/report/index.js';
import { type CurveRow, readCurve } from './curves.js';

/** A run that was evaluated at its end. */
export interface ZooRun {
  readonly task: string;
  readonly method: string;
  readonly seed: number;
  /** Mean return of the episodes after training. */
  readonly score: number;
  readonly curve: readonly CurveRow[];
  /** Wall clock of training. */
  readonly seconds: number;
}

/** evaluation.json of a cell. */
export interface StoredEvaluation {
  readonly iteration: number;
  readonly simulator_steps: number;
  readonly mean_return: number;
  readonly returns: readonly number[];
}

/** Runs of this library among some cells: those with a final evaluation. */
export function ownRuns(out: string, cells: readonly Cell[]): ZooRun[] {
  return cells.flatMap(({ name, task, method, seed }) => {
    const evaluation = readEvaluation(join(out, name));
    const file = join(out, name, 'curve.csv');
    if (evaluation === null || !existsSync(file)) return [];
    const curve = readCurve(readFileSync(file, 'utf8'), file);
    const seconds = curve.at(-1)?.seconds ?? Number.NaN;
    return [{ task, method, seed, score: mean(evaluation.returns), curve, seconds }];
  });
}

/** null where there is none. @throws RunDirectoryError for one that is damaged */
export function readEvaluation(directory: string): StoredEvaluation | null {
  const file = join(directory, 'evaluation.json');
  if (!existsSync(file)) return null;
  try {
    return openSealed(readFileSync(file, 'utf8')) as unknown as StoredEvaluation;
  } catch (cause) {
    const hint = 'Delete it: reproduce evaluates again';
    throw new RunDirectoryError(`${file} is not readable: ${(cause as Error).message}`, { value: file, hint, cause });
  }
}

/** Names of the methods in the peers' folders. */
const PEER_METHODS: Readonly<Record<string, string>> = { trpo: 'trpo-gae', ppo: 'ppo' };

/** Runs of Stable-Baselines3 and sb3-contrib, as zoo/peers/sb3.py leaves them; none without the folder. */
export function peerRuns(folder: string): ZooRun[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const [, task, peer, seed] = /^(.+)-(trpo|ppo)-seed(\d+)$/.exec(name) ?? [];
      const summary = join(folder, name, 'summary.csv');
      if (task === undefined || !existsSync(summary)) return [];
      const { columns, rows } = parseCsv(readFileSync(summary, 'utf8'), summary);
      const figure = (column: string) => Number(rows[0][columns.indexOf(column)]);
      const file = join(folder, name, 'curve.csv');
      const curve = readCurve(readFileSync(file, 'utf8'), file);
      const [score, seconds] = [figure('mean_return'), figure('train_seconds')];
      return [{ task, method: PEER_METHODS[peer], seed: Number(seed), score, curve, seconds }];
    });
}

/** The runs of one method, by task. */
export function byTask(runs: readonly ZooRun[], method: string, tasks: readonly string[]): ZooRun[][] {
  return tasks.map((task) => runs.filter((run) => run.task === task && run.method === method));
}
