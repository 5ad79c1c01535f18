import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ReproduceOptions, refuseFailed, trainCells } from '../../src/cli/index.js';
import { ArgumentError, budgetedIterations, type Cell, cellStatus, selectCells, writeAtomic } from '../../src/index.js';
import { calibrationCells } from '../cells/calibration.js';
import { readGait, writeCalibration } from '../figures/calibration.js';
import { measureGait } from '../figures/gait.js';

const COORDINATES: Readonly<Record<string, number>> = { hopper: 6, walker: 9 };

/** `trellis reproduce calibration`: trains what is missing, looks at the gaits, writes the table. */
export async function reproduceCalibration(options: ReproduceOptions, signal: AbortSignal): Promise<void> {
  const out = options.out ?? 'results/calibration';
  const plan = calibrationCells();
  const cells = selectStages(plan, options);
  let failed: readonly Cell[] = [];
  try {
    if (!options.draw) failed = await trainCells(cells, out, options, signal);
  } finally {
    for (const cell of plan) if (!signal.aborted) await lookAt(out, cell, options.budget);
    const tables = await writeCalibration(out, options.budget);
    console.log(options.json ? JSON.stringify({ files: [join(out, 'README.md')] }) : tables);
  }
  refuseFailed(failed);
}

/** As everywhere, and by stage: `first`, `second`, `hypotheses`. */
function selectStages(plan: readonly Cell[], options: ReproduceOptions): Cell[] {
  const names = options.only?.split(',').map((name) => name.trim());
  const inStage = (cell: Cell) => names?.some((name) => cell.name.startsWith(`${name}/`)) ?? false;
  const selected = new Set(selectCells(plan, options));
  const cells = plan.filter((cell) => inStage(cell) || selected.has(cell));
  if (cells.length > 0) return cells;
  throw new ArgumentError(`--only ${options.only} names no cell`, {
    value: options.only,
    expected: 'first, second, hypotheses, a robot, or cells such as hypotheses/walker-kl0.1-seed1, separated by commas',
  });
}

/** Measures the gait of a finished run, once. */
async function lookAt(out: string, cell: Cell, budget: number): Promise<void> {
  const directory = join(out, cell.name);
  if (!existsSync(join(directory, 'policy.json')) || readGait(directory) !== null) return;
  if (cellStatus(out, cell, budgetedIterations(cell, budget)).state !== 'done') return;
  const gait = await measureGait(directory, COORDINATES[cell.task]);
  await writeAtomic(join(directory, 'gait.json'), `${JSON.stringify(gait)}\n`);
}
