import { Argument, type Command } from 'commander';
import { interruptible, path, positiveInteger, positiveNumber } from '../../src/cli/index.js';
import type { ReproduceOptions } from './options.js';

type Reproduction = (options: ReproduceOptions, signal: AbortSignal) => Promise<void>;

/** The targets; each is a module of its own that is loaded when asked for. */
const TARGETS: Record<string, () => Promise<Reproduction>> = {
  fig4: async () => (await import('./figure4.js')).reproduceFigure4,
  fig5: async () => (await import('./atari.js')).reproduceFigure5,
  table1: async () => (await import('./atari.js')).reproduceTable1,
  theory: async () => (await import('./theory.js')).reproduceTheory,
  calibration: async () => (await import('./calibration.js')).reproduceCalibration,
  'atari-vine': async () => (await import('./atari-vine.js')).reproduceAtariVine,
  claims: async () => (await import('./claims.js')).reproduceClaims,
};

/** Those that end in charts, often after hours. */
const DRAWN = ['fig4', 'fig5', 'claims'];

/** `trellis reproduce <target>`: the paper's figures, tables, theory and side claims. */
export function registerReproduce(program: Command): void {
  program
    .command('reproduce')
    .description(
      "the paper's figures, tables, theory and claims; resumes by itself what an earlier call left unfinished",
    )
    .addArgument(new Argument('<target>', 'what to make').choices(Object.keys(TARGETS)))
    .option('--only <names>', 'only these parts, separated by commas (tasks, methods, games, task-method)')
    .option('--seeds <n>', 'seeds per cell', positiveInteger)
    .option('--budget <f>', 'scale the number of iterations', positiveNumber, 1)
    .option('--jobs <n>', 'child processes at a time', positiveInteger, 1)
    .option('--engine <name>', 'policy engine: native or tfjs')
    .option('--out <dir>', 'results folder', path)
    .option('--draw', 'run nothing, draw from the runs that are there')
    .option('--json', 'machine-readable output')
    .action(async (target: string, options: ReproduceOptions) => {
      const load = TARGETS[target];
      if (DRAWN.includes(target)) (await import('../../src/report/index.js')).checkCharts();
      const { signal, dispose } = interruptible(() => {
        process.stderr.write('interrupted: the same command goes on from here, with --draw it shows what is there\n');
      });
      try {
        await (await load())(options, signal);
      } finally {
        dispose();
      }
    });
}
