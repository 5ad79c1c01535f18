import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { commandText } from '../base/command-text.js';
import { ArgumentError, TrellisError } from '../base/errors.js';
import type { Communicator } from '../cluster/communicator.js';
import { openCommunicator } from '../cluster/mpi.js';
import { runName } from '../train/cells.js';
import type { Experiment } from '../train/experiment.js';
import type { TrainOptions } from '../train/options.js';
import { collect, nonNegativeInteger, path, positiveInteger } from './arguments.js';
import { GRACE_MS, interruptible } from './interrupt.js';
import { reportError } from './output.js';
import { importForRun, importsRelativeTo, importUserFiles, isModulePath } from './user-files.js';

interface TrainArguments {
  method?: string;
  iterations?: number;
  steps?: number;
  seed?: number;
  out?: string;
  engine?: string;
  threads?: number;
  set: string[];
  resume?: string;
  logger: string[];
  json?: boolean;
}

const EXAMPLES = `
Examples:
  trellis train swimmer                                 into runs/swimmer-single-path-seed0
  trellis train hopper --seed 3 --set trustRegion.klLimit=0.02 --set policy.hidden=[64,64]
  trellis train --resume runs/hopper-single-path-seed3 --iterations 300
  trellis train ./my-experiment.ts                      registers an experiment of its own

Settings for --set are those of config.json: policy.…, environment.…, evaluation.… and the method's own options, for example
sampling.steps, estimator.discount, trustRegion.damping; evaluation.every=10 plays episodes after every tenth iteration. Ctrl-C leaves a run that --resume continues.`;

/** `trellis train <experiment>` and `trellis train --resume <run>`. */
export function registerTrain(program: Command): void {
  program
    .command('train')
    .description('train a policy; --resume goes on with a run')
    .argument('[experiment]', 'name of a preset (trellis list), or a module that registers one')
    .option('--method <name>', 'method (trellis list); default: the first of the preset')
    .option('--iterations <n>', 'total number of iterations; default: as the preset says', positiveInteger)
    .option('--steps <n>', 'end with the iteration that reaches so many simulator steps', positiveInteger)
    .option('--seed <n>', 'seed of everything random; default 0', nonNegativeInteger)
    .option('--out <dir>', 'run directory; default runs/<experiment>-<method>-seed<n>', path)
    .option('--engine <name>', 'what computes with the policy; default native')
    .option('--threads <n>', 'threads; default: all cores; no influence on the result', positiveInteger)
    .option('--set <key=value>', 'override a setting; may be repeated', collect, [])
    .option('--resume <run>', 'go on with this run directory', path)
    .option('--logger <name>', 'who is told (trellis list); may be repeated; default console', collect, [])
    .option('--json', 'one line of JSON per iteration: --logger json')
    .addHelpText('after', EXAMPLES)
    .action(train);
}

async function train(experiment: string | undefined, given: TrainArguments): Promise<void> {
  let directory = given.resume ?? given.out;
  const loggers = [...given.logger, ...(given.json ? ['json'] : [])];
  if (loggers.length === 0) loggers.push('console');
  const say = speaker(loggers);
  let leads = true;
  const interrupted = () => {
    if (!leads) return;
    if (directory !== undefined) say.interrupted(directory);
  };
  // A process that ends takes the job along: first rank 0 says how to go on.
  const { signal, dispose } = interruptible(interrupted, () => (leads ? GRACE_MS : GRACE_MS + FOLLOWERS_WAIT_MS));
  const communicator = await openCommunicator((process.env['TRELLIS_MPI_LIBRARY'] ?? '') !== '');
  leads = communicator.rank === 0;
  // The loggers do not read the policy's files: they need not be written at every iteration.
  const options: TrainOptions = { signal, threads: given.threads, policyInterval: 15, loggers, communicator };
  try {
    if (given.resume !== undefined) {
      refuseWithResume(experiment, given);
      await importForRun(given.resume);
      const { resume } = await import('../train/train.js');
      await resume(given.resume, given.iterations, options);
    } else {
      const experiments = await import('../train/experiments.js');
      if (experiment === undefined) throw missingExperiment(experiments.listExperiments());
      const { method, seed, iterations, steps: simulatorSteps, engine } = given;
      const settings = experiments.parseAssignments(given.set);
      const choices = { method, seed, iterations, simulatorSteps, engine, settings };
      const preset = isModulePath(experiment)
        ? await importExperiment(experiment, experiments.listExperiments)
        : experiments.getExperiment(experiment);
      const named = experiments.experimentConfig(preset, choices);
      directory ??= `runs/${runName(named.experiment, method ?? named.method, named.seed)}`;
      const imports = importsRelativeTo(directory);
      const input = imports.length === 0 ? named : { ...named, imports };
      const { train: begin } = await import('../train/train.js');
      await begin(input, { ...options, directory });
    }
    if (leads) say.written(directory!, await drawCurve(directory!, say.warn));
    await communicator.close();
  } catch (error) {
    if (leads && error instanceof TrellisError && error.code === 'ERR_ABORTED') interrupted();
    if (communicator.size > 1) {
      dispose();
      await endAll(communicator, error, loggers.includes('json'));
    }
    throw error;
  } finally {
    dispose();
  }
}

/** Milliseconds that other ranks wait for rank 0, which most likely failed of the same and speaks for all. */
const FOLLOWERS_WAIT_MS = 3000;

/** Milliseconds that a launcher has to pass on what was said: an abort can overtake it. */
const LAST_WORDS_MS = 500;

/** Ends a run of several processes: says why, and takes the others along. */
async function endAll(communicator: Communicator, error: unknown, json: boolean): Promise<void> {
  const { rank } = communicator;
  if (rank > 0) {
    await pause(FOLLOWERS_WAIT_MS);
    process.stderr.write(`rank ${rank}: `);
  }
  const code = reportError(error, json);
  await pause(LAST_WORDS_MS);
  communicator.abort(code);
}

function refuseWithResume(experiment: string | undefined, given: TrainArguments): void {
  const others = ['method', 'steps', 'seed', 'out', 'engine'] as const;
  const wrong = others.filter((name) => given[name] !== undefined).map((name) => `--${name}`);
  if (experiment !== undefined) wrong.unshift(`the experiment "${experiment}"`);
  if (given.set.length > 0) wrong.push('--set');
  if (wrong.length === 0) return;
  throw new ArgumentError(`--resume does not go with ${wrong.join(', ')}`, {
    expected: 'only --iterations and --threads beside it: the rest is in the run directory',
  });
}

function missingExperiment(known: readonly { name: string }[]): ArgumentError {
  return new ArgumentError('no experiment named', {
    expected: `one of ${known.map(({ name }) => name).join(', ')}, or --resume <run>`,
  });
}

/** The experiment that a module registers. @throws ArgumentError unless it is one */
async function importExperiment(file: string, list: () => readonly Experiment[]): Promise<Experiment> {
  const before = new Set(list());
  await importUserFiles([file]);
  const added = list().filter((experiment) => !before.has(experiment));
  if (added.length === 1) return added[0];
  const names = added.map(({ name }) => name);
  throw new ArgumentError(
    `${file} registers ${names.length === 0 ? 'no experiment' : `several: ${names.join(', ')}`}`,
    {
      value: file,
      expected:
        names.length === 0
          ? 'a module that calls registerExperiment({ … }) of the same trellis-rl as this command (npx trellis, in its project)'
          : `one of them by its name: ${commandText(['train', names[0], '--import', file])}`,
    },
  );
}

/** curve.svg of a finished run; only a warning where it cannot be drawn. */
async function drawCurve(directory: string, warn: (message: string) => void): Promise<string | null> {
  try {
    const { writeCurve } = await import('../report/curve.js');
    return await writeCurve(directory);
  } catch (error) {
    warn(`no curve.svg: ${(error as Error).message}`);
    return null;
  }
}

/** What this command says beside the loggers, in the language of those that write on standard output. */
interface Speaker {
  written(directory: string, curve: string | null): void;
  interrupted(directory: string): void;
  warn(message: string): void;
}

function speaker(loggers: readonly string[]): Speaker {
  const go = (directory: string) => commandText(['train', '--resume', directory]);
  if (loggers.includes('console')) {
    // The live line of a terminal makes room.
    const say = (text: string) => process.stdout.write(`${process.stdout.isTTY ? '\r\x1b[K' : ''}${text}\n`);
    return {
      written: (directory, curve) =>
        say(`run directory ${directory}${curve === null ? '' : `, learning curves ${curve}`}`),
      interrupted: (directory) => say(`interrupted; go on with: ${go(directory)}`),
      warn: (message) => say(`warning: ${message}`),
    };
  }
  const isJson = loggers.includes('json');
  const print = (event: string, fields: object) => {
    if (isJson) process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
  };
  return {
    written: () => {},
    interrupted: (directory) => print('interrupted', { directory, resume: go(directory) }),
    warn: (message) => print('warning', { message }),
  };
}
