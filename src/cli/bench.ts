import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { uniform } from '../base/random.js';
import { makeActions } from '../env/spaces.js';
import type { EnvFactory } from '../env/types.js';
import { collect, positiveInteger } from './arguments.js';

interface BenchArguments {
  slots: number;
  threads: readonly string[];
  seconds: number;
  json?: boolean;
}

/** Steps per second of one environment with one number of threads. */
export interface EnvironmentRate {
  readonly environment: string;
  readonly slots: number;
  readonly threads: number;
  readonly steps_per_second: number;
}

/** `trellis bench`: how fast the environments step on this machine. Ratios against peers: npm run bench in a checkout. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('steps per second of the environments on this machine, random actions')
    .argument('[environments...]', 'ids; default: those that need no ROM')
    .option('--slots <n>', 'environments in lockstep', positiveInteger, 64)
    .option('--threads <n>', 'may be given several times; default: 1 and all cores', collect, [])
    .option('--seconds <n>', 'seconds per figure', positiveInteger, 1)
    .option('--json', 'one line of JSON per figure')
    .action(async (ids: string[], { slots, threads, seconds, json }: BenchArguments) => {
      const { getEnv, listEnvs } = await import('../env/registry.js');
      const environments = ids.length > 0 ? ids : listEnvs();
      const factories = environments.map((id) => getEnv(id));
      const counts = threads.length > 0 ? threads.map(positiveInteger) : [...new Set([1, availableParallelism()])];
      for (const factory of factories) {
        for (const count of counts) {
          const rate = environmentRate(factory, slots, count, seconds);
          const line = `${rate.environment.padEnd(16)} ${count} thread${count > 1 ? 's' : ' '}  ${slots} slots  `;
          const figure = `${Math.round(rate.steps_per_second).toLocaleString('en')} steps/s`;
          console.log(json ? JSON.stringify(rate) : line + figure);
        }
      }
    });
}

/** Steps with random actions; episodes that end begin again. */
export function environmentRate(factory: EnvFactory, slots: number, threads: number, seconds: number): EnvironmentRate {
  const env = factory.make(slots, { threads });
  try {
    const { id, actionSpace } = factory.spec;
    const actions = makeActions(actionSpace, slots);
    for (let i = 0; i < actions.length; i++) {
      const draw = uniform(1, 2, i, 0);
      const sizes = actionSpace.kind === 'discrete' ? actionSpace.sizes : null;
      actions[i] = sizes === null ? 2 * draw - 1 : Math.floor(draw * sizes[i % sizes.length]);
    }
    env.reset();
    env.step(actions);
    const before = env.simulatorSteps;
    const start = performance.now();
    let elapsed = 0;
    while (elapsed < seconds) {
      env.step(actions);
      const finished = [...env.terminated.keys()].filter((slot) => env.terminated[slot] || env.truncated[slot]);
      if (finished.length > 0) env.reset(finished);
      elapsed = (performance.now() - start) / 1000;
    }
    return { environment: id, slots, threads, steps_per_second: (env.simulatorSteps - before) / elapsed };
  } finally {
    env.close();
  }
}
