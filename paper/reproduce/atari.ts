import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ReproduceOptions, refuseFailed, trainCells } from '../../src/cli/index.js';
import { ArgumentError, type Cell, readPolicy, sealJson, selectCells, writeAtomic } from '../../src/index.js';
import { atariCells } from '../cells/atari.js';
import { readEvaluation, writeFigure5, writeTable1 } from '../figures/atari-results.js';

const EPISODES = 30;

/** `trellis reproduce fig5`: trains what is missing, then draws the curves that are there. */
export async function reproduceFigure5(options: ReproduceOptions, signal: AbortSignal): Promise<void> {
  await trainAndThen(options, signal, async (out, plan) => {
    const file = await writeFigure5(out, plan, options.budget);
    const table = await writeTable1(out, plan, options.budget);
    console.log(options.json ? JSON.stringify({ files: [file] }) : `${table}\n${file}`);
  });
}

/** `trellis reproduce table1`: trains what is missing, evaluates every stored policy and writes the table. */
export async function reproduceTable1(options: ReproduceOptions, signal: AbortSignal): Promise<void> {
  await trainAndThen(options, signal, async (out, plan) => {
    for (const cell of plan) if (!signal.aborted) await evaluate(join(out, cell.name), signal);
    // Interrupted, there is time for the table only.
    if (!signal.aborted) await writeFigure5(out, plan, options.budget);
    const table = await writeTable1(out, plan, options.budget);
    console.log(options.json ? JSON.stringify({ files: [join(out, 'table1.csv')] }) : table);
  });
}

async function trainAndThen(
  options: ReproduceOptions,
  signal: AbortSignal,
  write: (out: string, plan: readonly Cell[]) => Promise<void>,
): Promise<void> {
  const out = options.out ?? 'results/atari';
  const plan = atariCells();
  const cells = selectCells(plan, options);
  if (cells.length === 0) {
    throw new ArgumentError(`--only ${options.only} names no cell`, {
      value: options.only,
      expected: 'games, methods, game-method or cells such as pong-vine-seed1, separated by commas',
    });
  }
  let failed: readonly Cell[] = [];
  try {
    if (!options.draw) failed = await trainCells(cells, out, options, signal);
  } finally {
    await write(out, plan);
  }
  refuseFailed(failed);
}

/** Plays fresh episodes with a run's policy, once for each version of it. */
async function evaluate(directory: string, signal: AbortSignal): Promise<void> {
  if (!existsSync(join(directory, 'policy.json'))) return;
  const iteration = Number((await readPolicy(directory)).metadata.iteration);
  if (readEvaluation(directory)?.iteration === iteration) return;
  const { evaluateRun } = await import('../../src/index.js');
  const result = await evaluateRun(directory, { episodes: EPISODES, signal });
  await writeAtomic(join(directory, 'evaluation.json'), sealJson({ iteration, ...result }));
}
