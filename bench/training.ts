/** Whole training (sampling, estimation, update, bookkeeping) over raw environment steps, same threads, same run. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { registerPaper } from '../paper/index.js';
import { uniform } from '../src/base/random.js';
import { getEnv } from '../src/env/registry.js';
import type { EnvFactory, VectorEnv } from '../src/env/types.js';
import { experimentConfig, getExperiment } from '../src/train/experiments.js';
import { train } from '../src/train/train.js';
import { compare, median, type Row } from './harness.js';

registerPaper();

export const name = 'Whole training over raw environment steps';

interface Task {
  experiment: string;
  /** Steps per iteration: the preset's, or fewer where an iteration would take half a minute. */
  steps: number;
  iterations: number;
  atLeast: number;
  reachFor: number;
  /** The nearest task of Gymnasium; its steps cost about as much as two to four of ours. */
  gymnasium: string;
}

const tasks: readonly Task[] = [
  { experiment: 'swimmer', steps: 50_000, iterations: 6, atLeast: 0.4, reachFor: 0.7, gymnasium: 'Swimmer-v5' },
  { experiment: 'hopper', steps: 200_000, iterations: 5, atLeast: 0.4, reachFor: 0.6, gymnasium: 'Hopper-v5' },
];

export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const threads of new Set([1, availableParallelism()])) {
    for (const task of tasks) rows.push(...(await measureTask(task, threads)));
  }
  return rows;
}

async function measureTask(task: Task, threads: number): Promise<Row[]> {
  const config = experimentConfig(getExperiment(task.experiment), {
    iterations: task.iterations,
    settings: { sampling: { steps: task.steps } },
  });
  const env = rawEnvironment(getEnv(config.environment.id), threads);
  const training: number[] = [];
  const raw: number[] = [];
  let steps = 0;
  let start = performance.now();
  try {
    // Raw steps are measured between the iterations, so that both see the same machine.
    await train(config, {
      threads,
      onIteration({ row }) {
        training.push((row.simulator_steps - steps) / ((performance.now() - start) / 1000));
        raw.push(env.stepsPerSecond(1));
        steps = row.simulator_steps;
        start = performance.now();
      },
    });
  } finally {
    env.close();
  }
  // The first iteration warms up and includes the making of everything.
  const rate = median(training.slice(1));
  const label = `${task.experiment}, ${threads} thread${threads > 1 ? 's' : ''}`;
  const baseline = { name: 'raw environment', value: median(raw.slice(1)) };
  const { atLeast, reachFor } = task;
  const result = [compare({ name: label, unit: 'steps/s', atLeast, reachFor }, rate, baseline)];
  const peer = stableBaselines(task.gymnasium, threads);
  if (peer !== null) {
    const note = 'another model and more substeps a step';
    result.push(
      compare({ name: `${label}, beside SB3-contrib TRPO`, unit: 'steps/s', note }, rate, {
        name: task.gymnasium,
        value: peer,
      }),
    );
  }
  return result;
}

/** Random actions in N = 64 slots, finished episodes begun again. */
function rawEnvironment(factory: EnvFactory, threads: number) {
  const slots = 64;
  const env: VectorEnv = factory.make(slots, { threads });
  const { shape } = factory.spec.actionSpace as { shape: readonly number[] };
  const actions = new Float32Array(slots * shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < actions.length; i++) actions[i] = 2 * uniform(1, 2, i, 0) - 1;
  env.reset();
  return {
    stepsPerSecond(seconds: number): number {
      const before = env.simulatorSteps;
      const start = performance.now();
      while (performance.now() - start < seconds * 1000) {
        env.step(actions);
        const finished: number[] = [];
        for (let i = 0; i < slots; i++) if (env.terminated[i] || env.truncated[i]) finished.push(i);
        if (finished.length > 0) env.reset(finished);
      }
      return (env.simulatorSteps - before) / ((performance.now() - start) / 1000);
    },
    close: () => env.close(),
  };
}

/** Steps per second of Stable-Baselines3-contrib's TRPO, better of two; null where it is not installed. */
function stableBaselines(task: string, threads: number): number | null {
  const python = process.env['TRELLIS_PYTHON'] ?? 'python3';
  const script = fileURLToPath(new URL('./python/sb3_trpo.py', import.meta.url));
  const rates = [1, 2].map(() => {
    const arguments_ = [script, task, String(threads), '4096'];
    const { status, stdout } = spawnSync(python, arguments_, { encoding: 'utf8', timeout: 60_000 });
    return status === 0 ? Number(stdout.trim().split('\n').at(-1)) : Number.NaN;
  });
  const best = Math.max(...rates.filter(Number.isFinite));
  return Number.isFinite(best) ? best : null;
}
