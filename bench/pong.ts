/** Pong from pixels: whole iterations of the preset, on all cores, beside the paper's sixteen. */
import { availableParallelism } from 'node:os';
import { registerPaper } from '../paper/index.js';
import { DependencyError } from '../src/base/errors.js';
import { getEnv } from '../src/env/registry.js';
import { experimentConfig, getExperiment } from '../src/train/experiments.js';
import { train } from '../src/train/train.js';
import { compare, median, type Row } from './harness.js';

registerPaper();

export const name = 'Pong from pixels: whole training (needs the ROM)';

/** The paper: 500 iterations in some thirty hours on 16 cores. */
const SECONDS = 30 * 3600;
const ITERATIONS = 3;

/** A tenth of the preset's batch; what a step costs does not depend on it. */
const tasks = [
  {
    method: 'single-path',
    sampling: { steps: 10_000, cutAtBudget: true },
    paper: 50e6 / SECONDS,
    atLeast: 4000,
    reachFor: 8000,
  },
  {
    method: 'vine',
    sampling: { trunkSteps: 6400, rolloutStates: 84, cutAtBudget: true },
    paper: 200e6 / SECONDS,
    atLeast: 10_000,
    reachFor: 20_000,
  },
] as const;

export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  try {
    getEnv('pong').make(1).close();
  } catch (error) {
    console.log(`  ${(error as Error).message}`);
    return rows;
  }
  for (const { method, sampling, paper, atLeast, reachFor } of tasks) {
    const rate = await trainingRate(method, sampling, 'native');
    const targets = { atLeast: round(atLeast / paper), reachFor: round(reachFor / paper) };
    const row = { name: `${method}, ${availableParallelism()} cores`, unit: 'simulator steps/s', ...targets };
    rows.push(compare(row, rate, { name: 'the paper, 16 cores', value: paper }));
    if (method !== 'single-path') continue;
    const tfjs = await trainingRate(method, sampling, 'tfjs:tfjs-node').catch(notInstalled);
    if (tfjs !== null) {
      rows.push(
        compare({ name: `${method}, beside --engine tfjs`, unit: row.unit }, rate, { name: 'tfjs', value: tfjs }),
      );
    }
  }
  return rows;
}

/** Simulator steps per second of whole iterations, updates included; the first is not counted. */
async function trainingRate(method: string, sampling: Readonly<Record<string, number | boolean>>, engine: string) {
  const rates: number[] = [];
  let steps = 0;
  let start = 0;
  const choices = { method, engine, iterations: ITERATIONS, settings: { sampling } };
  await train(experimentConfig(getExperiment('pong'), choices), {
    onIteration({ row }) {
      rates.push((row.simulator_steps - steps) / ((performance.now() - start) / 1000));
      steps = row.simulator_steps;
      start = performance.now();
    },
  });
  return median(rates.slice(1));
}

function notInstalled(error: unknown): null {
  if (!(error instanceof DependencyError)) throw error;
  console.log(`  without tfjs: ${error.message.split('. ')[0]}`);
  return null;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
