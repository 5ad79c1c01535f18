import { type Command, InvalidArgumentError } from 'commander';
import { NotFoundError } from '../base/errors.js';

/** What every reproduction is given; each uses what applies to it. */
export interface ReproduceOptions {
  /** Parts to run, names separated by commas; undefined: all. */
  readonly only?: string;
  /** Seeds per cell; undefined: as the paper or the table of cells says. */
  readonly seeds?: number;
  /** Scale of the number of iterations (not of the batch). */
  readonly budget: number;
  /** Child processes at a time. */
  readonly jobs: number;
  readonly engine?: string;
  /** Results folder; undefined: the target's own under results/. */
  readonly out?: string;
  readonly json?: boolean;
  /** Draw from what is there and run nothing. */
  readonly draw?: boolean;
}

type Reproduction = (options: ReproduceOptions, signal: AbortSignal) => Promise<void>;

/** The targets; each is a module of its own that is loaded when asked for. */
const TARGETS: Record<string, () => Promise<Reproduction>> = {
  theory: async () => (await import('./reproduce-theory.js')).reproduceTheory,
};

/** `trellis reproduce <target>`: the paper's figures, tables, theory and side claims. */
export function registerReproduce(program: Command): void {
  program
    .command('reproduce')
    .description(
      "the paper's figures, tables, theory and claims; resumes by itself what an earlier call left unfinished",
    )
    .argument('<target>', Object.keys(TARGETS).join(' | '))
    .option('--only <names>', 'only these parts, separated by commas (tasks, methods, games, task-method)')
    .option('--seeds <n>', 'seeds per cell', positiveInteger)
    .option('--budget <f>', 'scale the number of iterations', positiveNumber, 1)
    .option('--jobs <n>', 'child processes at a time', positiveInteger, 1)
    .option('--engine <name>', 'policy engine: native or tfjs')
    .option('--out <dir>', 'results folder')
    .option('--draw', 'run nothing, draw from the runs that are there')
    .option('--json', 'machine-readable output')
    .action(async (target: string, options: ReproduceOptions) => {
      const load = TARGETS[target];
      if (load === undefined) throw new NotFoundError('reproduction', target, Object.keys(TARGETS));
      const controller = new AbortController();
      const interrupt = () => controller.abort();
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      try {
        await (await load())(options, controller.signal);
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      }
    });
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected an integer of at least 1');
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('expected a number above 0');
  return value;
}
