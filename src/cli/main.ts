#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { registerReproduce } from '../../paper/reproduce/command.js';
import { registerBench } from './bench.js';
import { registerDoctor } from './doctor.js';
import { registerEval } from './eval.js';
import { registerList } from './list.js';
import { ExitCode, guardOutput, outputFailure, reportError } from './output.js';
import { registerRender } from './render.js';
import { registerReport } from './report.js';
import { registerRoms } from './roms.js';
import { registerTfjs } from './tfjs.js';
import { registerTrace } from './trace.js';
import { registerTrain } from './train.js';

/** All commands. What they need is loaded when they run. */
export function makeProgram(): Command {
  const program = new Command('trellis')
    .description('Reinforcement learning on native simulators: trust region policy optimisation on MuJoCo and Atari')
    .version(version())
    .showHelpAfterError('(trellis --help, trellis <command> --help)');
  const commands = [
    registerTrain,
    registerEval,
    registerReproduce,
    registerReport,
    registerRender,
    registerList,
    registerTrace,
    registerRoms,
    registerDoctor,
    registerBench,
    registerTfjs,
  ];
  for (const register of commands) register(program);
  // What the commands name must be known; loaded only when one runs.
  program.hook('preAction', async () => (await import('../../paper/presets/index.js')).registerPaper());
  overrideExit(program);
  return program;
}

/** exitOverride is not handed down to commands made by .command(). */
function overrideExit(command: Command): void {
  command.exitOverride();
  command.commands.forEach(overrideExit);
}

/** Runs one command line. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  try {
    await makeProgram().parseAsync(argv, { from: 'user' });
    // What was printed last may still be on its way.
    await new Promise((resolve) => process.stdout.write('', resolve));
    const lost = outputFailure();
    if (lost !== null) return reportError(new Error(`cannot write to standard output: ${lost.code}`), json);
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

guardOutput();
// Errors that no command could catch: those of timers and events.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => process.exit(reportError(error, process.argv.includes('--json'))));
}
process.exitCode = await main(process.argv.slice(2));
