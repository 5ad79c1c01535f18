import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { PlatformError } from '../base/errors.js';
import { registerBench } from './bench.js';
import { registerDoctor } from './doctor.js';
import { registerEval } from './eval.js';
import { registerExport } from './export.js';
import { registerList } from './list.js';
import { ExitCode, guardOutput, outputFailure, reportError } from './output.js';
import { registerRender } from './render.js';
import { registerReport } from './report.js';
import { registerRoms } from './roms.js';
import { registerTfjs } from './tfjs.js';
import { registerTrace } from './trace.js';
import { registerTrain } from './train.js';
import { addImportOption, importUserFiles } from './user-files.js';
import { registerWatch } from './watch.js';

/** What a program of one's own adds to the library's command line. */
export interface CommandLineOptions {
  /** Adds commands of its own; called before anything is parsed, so it must be cheap. */
  readonly commands?: readonly ((program: Command) => void)[];
  /** Registers environments, methods and experiments; called once a command runs. */
  load?(): void | Promise<void>;
}

/** The commands that work with registered environments, methods or experiments: they take `--import`. */
const NAMING = [
  registerTrain,
  registerEval,
  registerReport,
  registerWatch,
  registerRender,
  registerExport,
  registerList,
  registerTrace,
  registerBench,
];
const OTHERS = [registerRoms, registerDoctor, registerTfjs];

/** All commands. What they need is loaded when they run. */
export function makeProgram({ commands = [], load }: CommandLineOptions = {}): Command {
  const program = new Command('trellis')
    .description('Reinforcement learning on native simulators: trust region policy optimisation on MuJoCo and Atari')
    .version(version())
    .showHelpAfterError('(trellis --help, trellis <command> --help)');
  for (const register of [...NAMING, ...commands]) register(program);
  program.commands.forEach(addImportOption);
  for (const register of OTHERS) register(program);
  program.hook('preAction', async (_, command) => {
    await load?.();
    await importUserFiles(command.opts()['import'] ?? []);
  });
  overrideExit(program);
  return program;
}

/** exitOverride is not handed down to commands made by .command(). */
function overrideExit(command: Command): void {
  command.exitOverride();
  command.commands.forEach(overrideExit);
}

/**
 * Runs one command line in this process: output and failures are handled as those of `trellis` are.
 * @param argv without the program's name
 * @returns the exit code: 0 done, 1 failed, 2 bad usage, 130 interrupted
 */
export async function runCommandLine(argv: readonly string[], options: CommandLineOptions = {}): Promise<number> {
  const json = argv.includes('--json');
  guardOutput();
  // Errors that no command could catch: those of timers and events.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => process.exit(reportError(error, json)));
  }
  try {
    await makeProgram(options).parseAsync(argv, { from: 'user' });
    // What was printed last may still be on its way.
    await new Promise((resolve) => process.stdout.write('', resolve));
    const lost = outputFailure();
    if (lost !== null) return reportError(new PlatformError(`cannot write to standard output: ${lost.code}`), json);
    return typeof process.exitCode === 'number' ? process.exitCode : ExitCode.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    return reportError(error, json);
  }
}

function version(): string {
  let folder = new URL('.', import.meta.url);
  for (;;) {
    try {
      return (JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { version: string }).version;
    } catch {
      const parent = new URL('..', folder);
      if (parent.href === folder.href) return 'unknown';
      folder = parent;
    }
  }
}
