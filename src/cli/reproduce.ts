import { Argument, type Command } from 'commander';
import { path, positiveInteger, positiveNumber } from './arguments.js';
import { interruptible } from './interrupt.js';
import type { ReproduceOptions } from './reproduce-options.js';

/** Something to reproduce: cells that are trained, and what is drawn of them. */
export type Reproduction = (options: ReproduceOptions, signal: AbortSignal) => Promise<void>;

export interface ReproduceTarget {
  /** Loaded when it is asked for. */
  load(): Promise<Reproduction>;
  /** Ends in charts, often after hours: what draws them is looked for before. Default false. */
  readonly drawn?: boolean;
}

/** `trellis reproduce <target>`, for `commands` of `runCommandLine`. @param targets by their names */
export function reproduceCommand(targets: Readonly<Record<string, ReproduceTarget>>): (program: Command) => void {
  return (program) => {
    program
      .command('reproduce')
      .description(
        "the paper's figures, tables, theory and claims, and the zoo's tables; resumes by itself what an earlier call left unfinished",
      )
      .addArgument(new Argument('<target>', 'what to make').choices(Object.keys(targets)))
      .option('--only <names>', 'only these parts, separated by commas (tasks, methods, games, task-method)')
      .option('--seeds <n>', 'seeds per cell', positiveInteger)
      .option('--budget <f>', 'scale the number of iterations', positiveNumber, 1)
      .option('--jobs <n>', 'child processes at a time', positiveInteger, 1)
      .option('--engine <name>', 'policy engine: native or tfjs')
      .option('--out <dir>', 'results folder', path)
      .option('--draw', 'run nothing, draw from the runs that are there')
      .option('--json', 'machine-readable output')
      .action(async (name: string, options: ReproduceOptions) => {
        const target = targets[name];
        if (target.drawn) (await import('../report/index.js')).checkCharts();
        const { signal, dispose } = interruptible(() => {
          process.stderr.write('interrupted: the same command goes on from here, with --draw it shows what is there\n');
        });
        try {
          await (await target.load())(options, signal);
        } finally {
          dispose();
        }
      });
  };
}
