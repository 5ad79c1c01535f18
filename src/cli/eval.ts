import type { Command } from 'commander';
import { nonNegativeInteger, path, positiveInteger } from './arguments.js';
import { interruptible } from './interrupt.js';
import { importForRun } from './user-files.js';

interface EvalArguments {
  episodes: number;
  seed: number;
  deterministic?: boolean;
  best?: boolean;
  threads?: number;
  json?: boolean;
}

/** `trellis eval <run>`: plays fresh episodes with a trained policy and prints the outcome as JSON. */
export function registerEval(program: Command): void {
  program
    .command('eval')
    .description('play episodes with the policy of a run; prints JSON')
    .argument('<run>', 'run directory', path)
    .option('--episodes <n>', 'number of episodes', positiveInteger, 30)
    .option('--seed <n>', 'seed of start states and actions; never shared with training', nonNegativeInteger, 0)
    .option('--deterministic', 'always take the most likely action')
    .option('--best', 'the best policy of the evaluations while training, not the last')
    .option('--threads <n>', 'threads; default: all cores', positiveInteger)
    .option('--json', 'on one line')
    .action(async (run: string, given: EvalArguments) => {
      await importForRun(run);
      const { evaluateRun } = await import('../train/evaluate.js');
      const { signal, dispose } = interruptible();
      try {
        const { episodes, seed, threads, deterministic = false, best = false } = given;
        const onWarning = (message: string) => process.stderr.write(`trellis: warning: ${message}\n`);
        const result = await evaluateRun(run, { episodes, seed, deterministic, best, threads, signal, onWarning });
        process.stdout.write(`${JSON.stringify(result, null, given.json ? undefined : 2)}\n`);
      } finally {
        dispose();
      }
    });
}
