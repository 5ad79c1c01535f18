import type { Command } from 'commander';
import { DependencyError } from '../base/errors.js';
import type { EnvSettings } from '../env/registry.js';
import type { Policy } from '../policy/policy.js';
import type { Recording } from '../report/recording.js';
import type { Actor } from '../rollout/behaviour.js';
import { nonNegativeInteger, path, positiveInteger, positiveNumber } from './arguments.js';
import { importForRun } from './user-files.js';

interface RenderArguments {
  out?: string;
  seconds?: number;
  episodes?: number;
  speed: number;
  seed: number;
  deterministic?: boolean;
  best?: boolean;
  json?: boolean;
  actions?: string;
}

/** Simulated seconds; where episodes are counted, only a limit (a game's screens take 2 MB a second of memory). */
const SECONDS = 10;
const MOST_SECONDS = 300;

/** `trellis render <run | environment | game>`: an animation as HTML page, GIF or MP4. */
export function registerRender(program: Command): void {
  program
    .command('render')
    .description('an animation of a trained agent, or of random actions: a page to play and scrub, a GIF or a film')
    .argument('<what>', 'a run directory, an environment (trellis list) or a game', path)
    .option('--out <file>', 'ending in .html, .gif or .mp4; default: replay.html and replay.gif of a run', path)
    .option('--seconds <s>', `simulated seconds to show; default: ${SECONDS}`, positiveNumber)
    .option(
      '--episodes <n>',
      `whole episodes to show, ${MOST_SECONDS} s at most unless --seconds says more`,
      positiveInteger,
    )
    .option('--speed <x>', 'GIF and MP4: so many times faster', positiveNumber, 1)
    .option('--seed <n>', 'seed of start states and actions', nonNegativeInteger, 0)
    .option('--deterministic', 'always take the most likely action')
    .option('--best', 'runs: the best policy of the evaluations while training, not the last')
    .option('--actions <file>', 'games: play these actions, one code a line, four frames each', path)
    .option('--json', 'print the paths written as one line of JSON')
    .addHelpText('after', '\nMP4 needs an optional package: npm install h264-mp4-encoder')
    .action(render);
}

async function render(what: string, given: RenderArguments): Promise<void> {
  const { existsSync } = await import('node:fs');
  const { join } = await import('node:path');
  const isRun = existsSync(join(what, 'policy.json'));
  const files = outputFiles(given.out, isRun ? join(what, 'replay') : what.replaceAll('_', '-'));
  const { checkReplayName, writeReplay } = await import('../report/replay.js');
  if (given.out === undefined) keepPossible(files, checkReplayName);
  else files.forEach(checkReplayName);
  const recording = isRun ? await recordRun(what, given) : await recordRandom(what, given);
  for (const file of files) await writeReplay(recording, file, { speed: given.speed });
  if (given.json) console.log(JSON.stringify({ files }));
  else for (const file of files) console.log(file);
}

/** Where nobody asked for a format, what cannot be encoded here is left out with a note. */
function keepPossible(files: string[], check: (file: string) => void): void {
  for (const file of files.slice(1)) {
    try {
      check(file);
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error;
      files.splice(files.indexOf(file), 1);
      process.stderr.write(`no ${file}: ${error.message}\n`);
    }
  }
}

function outputFiles(out: string | undefined, stem: string): string[] {
  return out === undefined ? [`${stem}.html`, `${stem}.gif`] : [out];
}

/** The agent of a run on the environment it was trained on. */
async function recordRun(directory: string, given: RenderArguments): Promise<Recording> {
  const { Policy } = await import('../policy/policy.js');
  const { readPolicy } = await import('../policy/storage.js');
  await importForRun(directory);
  const stored = await readPolicy(directory, given.best === true ? 'best-policy' : 'policy');
  const { environmentOf } = await import('../train/identity.js');
  const env = environmentOf(directory, stored, (message) => process.stderr.write(`trellis: warning: ${message}\n`));
  const { checkPolicyFits } = await import('../policy/fit.js');
  checkPolicyFits(stored.spec, env.spec);
  const { id, settings } = stored.metadata['environment'] as { id: string; settings?: EnvSettings };
  const policy = await Policy.create(stored, 'native', { threads: 1 });
  try {
    policy.reseed(given.seed);
    const act = agent(policy, given);
    const options = { title: `${id}: ${directory}`, ...extent(given) };
    const { canDraw } = await import('../report/draw-shapes.js');
    const { recordShapes } = await import('../report/record-episode.js');
    if (canDraw(env)) return await recordShapes(env, act, options);
    const { recordAgent } = await import('../report/record-agent.js');
    return await recordAgent(env, act, options, {
      ...(settings?.repeatActionProbability === undefined
        ? {}
        : { repeatActionProbability: Number(settings.repeatActionProbability) }),
      ...(settings?.actions === undefined ? {} : { actions: String(settings.actions) }),
      ...(settings?.continuousThreshold === undefined
        ? {}
        : { continuousThreshold: Number(settings.continuousThreshold) }),
      rom: settings?.rom === undefined ? undefined : String(settings.rom),
    });
  } finally {
    policy.close();
  }
}

/** How much is recorded. */
function extent({ seconds, episodes, seed }: RenderArguments) {
  return { seconds: seconds ?? (episodes === undefined ? SECONDS : MOST_SECONDS), episodes, seed };
}

function agent(policy: Policy, { deterministic = false }: RenderArguments): Actor {
  return (observation) => policy.act(observation, { deterministic });
}

/** Random actions in an environment, or in a game. */
async function recordRandom(what: string, given: RenderArguments): Promise<Recording> {
  const { getEnv, isEnv, listEnvs } = await import('../env/registry.js');
  const { canDraw } = await import('../report/draw-shapes.js');
  const name = what.toLowerCase().replaceAll('_', '-');
  const title = `${name}: random actions`;
  const env = isEnv(name) ? getEnv(name) : null;
  if (env !== null && canDraw(env)) {
    const { randomActor, recordShapes } = await import('../report/record-episode.js');
    return recordShapes(env, randomActor(env, given.seed), { title, ...extent(given) });
  }
  const { atariGames, isAtariGame } = await import('../native/atari-games.js');
  if (!isAtariGame(name)) {
    const { NotFoundError } = await import('../base/errors.js');
    throw new NotFoundError('run directory, environment or game', what, [
      ...listEnvs(),
      ...atariGames().map(({ id }) => id),
    ]);
  }
  const { replayAtari } = await import('../env/atari-replay.js');
  const { recordGame } = await import('../report/record-game.js');
  const { seconds, episodes } = extent(given);
  const options = { game: name, seed: given.seed, acts: Math.ceil(seconds * 15), restart: true };
  if (given.actions === undefined) return recordGame(replayAtari(options), title, undefined, episodes);
  const { readActions } = await import('../env/atari-action-file.js');
  const played = replayAtari({ ...options, actions: readActions(given.actions) });
  return recordGame(played, `${name}: ${given.actions}`, undefined, episodes);
}
