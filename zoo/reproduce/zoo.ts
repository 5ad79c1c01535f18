import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ReproduceOptions, refuseFailed, trainCells } from '../../src/cli/index.js';
import {
  ArgumentError,
  budgetedIterations,
  type Cell,
  cellStatus,
  evaluateRun,
  parseProgress,
  sealJson,
  selectCells,
  writeAllAtomic,
} from '../../src/index.js';
import { zooCells } from '../cells.js';
import { gameCells } from '../games.js';
import { formatCurve, thinCurve } from '../results/curves.js';
import { readEvaluation } from '../results/read.js';
import { zooTable } from '../results/table.js';
import { writeZoo } from '../results/write.js';

/** Of each run, at its end, with the most likely actions. */
const EPISODES = 100;

/** `trellis reproduce zoo`: trains and evaluates what is missing, then draws tables and figures from all that is there. */
export async function reproduceZoo(options: ReproduceOptions, signal: AbortSignal): Promise<void> {
  const out = options.out ?? 'results/zoo';
  const plan = [...zooCells(), ...gameCells()];
  const cells = selectCells(plan, options);
  if (cells.length === 0) {
    throw new ArgumentError(`--only ${options.only} names no cell`, {
      value: options.only,
      expected: 'tasks, methods, task-method or cells such as hopper-v5-ppo-seed1, separated by commas',
    });
  }
  const { budget, json } = options;
  let failed: readonly Cell[] = [];
  try {
    if (!options.draw) {
      // Those that an earlier call trained and did not come to evaluate.
      for (const cell of cells) await evaluate(out, cell, budget, signal);
      const evaluated = (cell: Cell) => evaluate(out, cell, budget, signal);
      failed = await trainCells(
        cells.filter((cell) => !isKept(out, cell)),
        out,
        options,
        signal,
        evaluated,
      );
    }
  } finally {
    const lines = await writeZoo(out, budget);
    console.log(json ? JSON.stringify(lines) : `${zooTable(lines)}\n${join(out, 'README.md')}`);
  }
  refuseFailed(failed);
}

/** A cell of which only the results are there, as they are committed: nothing is to be trained again. */
function isKept(out: string, { name }: Cell): boolean {
  return readEvaluation(join(out, name)) !== null && !existsSync(join(out, name, 'policy.json'));
}

/** Plays episodes with the policy of a run that is done, once, and puts its curve together. */
async function evaluate(out: string, cell: Cell, budget: number, signal: AbortSignal): Promise<void> {
  const directory = join(out, cell.name);
  if (signal.aborted || !existsSync(join(directory, 'policy.json'))) return;
  const { state, iterations, simulatorSteps } = cellStatus(out, cell, budgetedIterations(cell, budget));
  if (state !== 'done' || readEvaluation(directory)?.iteration === iterations) return;
  const began = performance.now();
  const result = await evaluateRun(directory, { episodes: EPISODES, deterministic: true, signal });
  const seconds = (performance.now() - began) / 1000;
  const progress = parseProgress(readFileSync(join(directory, 'progress.csv'), 'utf8'));
  await writeAllAtomic(directory, {
    'evaluation.json': sealJson({ iteration: iterations, simulator_steps: simulatorSteps, seconds, ...result }),
    'curve.csv': formatCurve(thinCurve(progress, (cell.simulatorSteps ?? simulatorSteps) * budget)),
  });
}
