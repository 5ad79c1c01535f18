import { once } from 'node:events';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Command } from 'commander';
import { readText } from '../base/bounded-read.js';
import { AbortedError, ArgumentError } from '../base/errors.js';
import { nonNegativeInteger, path, positiveInteger } from './arguments.js';
import { interruptible } from './interrupt.js';
import { isOutputClosed, OutputClosedError } from './output.js';

interface TraceArguments {
  seed?: number;
  steps?: number;
  actions?: string;
  snapshotEvery?: number;
  every?: number;
  allActions?: boolean;
  repeatActionProbability?: number;
  frameSkip?: number;
  mode?: number;
  difficulty?: number;
  rom?: string;
  import?: readonly string[];
}

const GAME_OPTIONS = [
  'every',
  'allActions',
  'repeatActionProbability',
  'frameSkip',
  'mode',
  'difficulty',
  'rom',
] as const satisfies readonly (keyof TraceArguments)[];

/** `trellis trace <environment | ALE id>`: one CSV row a step, for comparison with other implementations. */
export function registerTrace(program: Command): void {
  program
    .command('trace')
    .description('one CSV row per step: of the raw game for an ALE id, of the environment otherwise')
    .argument('<id>', 'an Atari game (pong, space-invaders, …) or an environment')
    .option('--seed <n>', 'seed of start states and noise; default 1 for games, 0 for environments', nonNegativeInteger)
    .option('--steps <n>', 'default: as many as there are actions, else 300 (games) or 100', nonNegativeInteger)
    .option('--actions <file>', 'the actions of a step a line; default: a fixed pseudo-random sequence', path)
    .option(
      '--snapshot-every <k>',
      'every k steps save, play k others, restore: the rows stay the same',
      positiveInteger,
    )
    .option('--every <n>', 'games: print every n-th act, and those that end an episode', positiveInteger)
    .option('--all-actions', 'games: draw from all 18 actions instead of the minimal set')
    .option(
      '--repeat-action-probability <p>',
      'games: chance that a frame repeats the last action (default 0.25)',
      Number,
    )
    .option('--frame-skip <n>', 'games: frames of an act (default 1)', positiveInteger)
    .option('--mode <n>', 'games: default the first listed', nonNegativeInteger)
    .option('--difficulty <n>', 'games: default 0', nonNegativeInteger)
    .option('--rom <file>', 'games: play this cartridge by the rules of the game named', path)
    .action(async (id: string, given: TraceArguments) => {
      const lines = await rows(id, given);
      const { signal, dispose } = interruptible();
      try {
        await print(lines, signal);
      } finally {
        dispose();
      }
    });
}

async function rows(id: string, { actions, import: _, ...given }: TraceArguments): Promise<Iterable<string>> {
  const { isAtariGame } = await import('../native/atari-games.js');
  if (isAtariGame(id)) {
    const { readActions } = await import('../env/atari-action-file.js');
    const { traceAtari } = await import('../env/atari-trace.js');
    return traceAtari({ game: id, ...given, ...(actions === undefined ? {} : { actions: readActions(actions) }) });
  }
  const { getEnv } = await import('../env/registry.js');
  const env = getEnv(id);
  const misplaced = GAME_OPTIONS.find((name) => given[name] !== undefined);
  if (misplaced !== undefined) {
    throw new ArgumentError(`trace ${id}: ${misplaced} is an option of games`, { value: given[misplaced] });
  }
  const { traceEnvironment } = await import('../env/trace.js');
  return traceEnvironment(env, {
    ...given,
    ...(actions === undefined ? {} : { actions: readNumbers(actions) }),
  });
}

/** Numbers of a text file, separated by commas or white space. */
function readNumbers(path: string): number[] {
  const words = readText(path)
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  return words.map((word) => {
    const value = Number(word);
    if (!Number.isFinite(value)) throw new ArgumentError(`${path}: "${word}"`, { value: word, expected: 'a number' });
    return value;
  });
}

/** Writes lines as fast as they are read, and stops between two of them. */
async function print(lines: Iterable<string>, signal: AbortSignal): Promise<void> {
  let text = '';
  let last = performance.now();
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < 65536 && performance.now() - last < 50) continue;
    await write(text, signal);
    text = '';
    await breathe();
    if (signal.aborted) throw new AbortedError();
    last = performance.now();
  }
  await write(text, signal);
}

/** As fast as it is read. @throws OutputClosedError once nobody reads */
async function write(text: string, signal: AbortSignal): Promise<void> {
  // Failures that matter are told at the end (outputFailure).
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', { signal }).catch(() => {});
  if (isOutputClosed()) throw new OutputClosedError();
}
