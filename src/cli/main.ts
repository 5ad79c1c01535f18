#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { TrellisError } from '../base/errors.js';
import { registerBench } from './bench.js';
import { registerDoctor } from './doctor.js';
import { registerEval } from './eval.js';
import { registerList } from './list.js';
import { registerRender } from './render.js';
import { registerReport } from './report.js';
import { registerReproduce } from './reproduce.js';
import { registerRoms } from './roms.js';
import { registerTfjs } from './tfjs.js';
import { registerTrace } from './trace.js';
import { registerTrain } from './train.js';

/** Exit codes of the command line. */
export const ExitCode = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

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
  try {
    await makeProgram().parseAsync(argv, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : ExitCode.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    if (error instanceof TrellisError) return reportError(error, argv.includes('--json'));
    throw error;
  }
}

function reportError(error: TrellisError, json: boolean): number {
  const { code, message } = error;
  if (code === 'ERR_ABORTED') return ExitCode.interrupted;
  process.stderr.write(json ? `${JSON.stringify({ event: 'error', code, message })}\n` : `trellis: ${message}\n`);
  return code === 'ERR_ARGUMENT' || code === 'ERR_NOT_FOUND' ? ExitCode.usage : ExitCode.failed;
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

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe went away (trellis … | head): nobody is left to write to.
  if (error.code === 'EPIPE') process.exit(ExitCode.done);
  throw error;
});
process.exitCode = await main(process.argv.slice(2));
