import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';
import { availableParallelism } from 'node:os';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { atariPresets, atariSeedKeys } from '../../envs/index.js';
import { type AtariGame, defineAtariEnv, type EnvSettings, findAtariGame, uniform } from '../../src/index.js';
import { base64 } from './atari-more-oracle.js';
import { chooser, oracleRoms } from './atari-oracle.js';
import { askOracle } from './oracle-process.js';

// Atari environments as Gymnasium 1.4 makes and wraps them, and ale-py's vector environment, until the first episode's end.
process.env['TRELLIS_ROMS'] = oracleRoms();
const concurrency = Math.min(4, availableParallelism());
const STEPS = 400;
const ROW = 24;
const GAMES = [
  'asterix',
  'beam_rider',
  'breakout',
  'enduro',
  'freeway',
  'ms_pacman',
  'pong',
  'qbert',
  'riverraid',
  'seaquest',
  'space_invaders',
  'venture',
];

/** One way to make and wrap an environment: theirs and ours. */
interface Way {
  readonly name: string;
  /** After the game's name; null: ale-py's vector environment. */
  readonly id: ((title: string) => string) | null;
  readonly theirs: (game: AtariGame) => object;
  readonly ours: (game: AtariGame) => EnvSettings;
  /** Frames without action, drawn after a reset, but for those the settings give. */
  readonly noops: boolean;
  readonly all?: boolean;
}

const last = <T>(values: readonly T[]): T => values[values.length - 1];
const plain = { make: {}, preprocessing: null, stack: 0 };

const ways: Way[] = [
  { name: 'rgb', id: (title) => `ALE/${title}-v5`, theirs: () => plain, ours: () => ({}), noops: false },
  {
    name: 'grayscale, all actions, another mode and difficulty',
    id: (title) => `ALE/${title}-v5`,
    theirs: ({ modes, difficulties }) => ({
      ...plain,
      make: { obs_type: 'grayscale', full_action_space: true, mode: last(modes), difficulty: last(difficulties) },
    }),
    ours: ({ modes, difficulties }) => ({
      observation: 'grey',
      actions: 'all',
      mode: last(modes),
      difficulty: last(difficulties),
    }),
    noops: false,
    all: true,
  },
  {
    name: 'ram, frame skip 3, sticky 0.1',
    id: (title) => `ALE/${title}-v5`,
    theirs: () => ({ ...plain, make: { obs_type: 'ram', frameskip: 3, repeat_action_probability: 0.1 } }),
    ours: () => ({ observation: 'ram', frameSkip: 3, repeatActionProbability: 0.1 }),
    noops: false,
  },
  {
    name: 'AtariPreprocessing and four frames on NoFrameskip-v4',
    id: (title) => `${title}NoFrameskip-v4`,
    theirs: () => ({ make: {}, preprocessing: {}, stack: 4 }),
    ours: () => atariPresets.gymnasium,
    noops: true,
  },
  {
    name: 'AtariPreprocessing on sticky v5: life loss, colours, other sizes, no no-ops',
    id: (title) => `ALE/${title}-v5`,
    theirs: () => ({
      make: { frameskip: 1 },
      preprocessing: {
        noop_max: 0,
        frame_skip: 5,
        screen_size: [72, 64],
        terminal_on_life_loss: true,
        grayscale_obs: false,
      },
      stack: 2,
    }),
    ours: () => ({
      observation: 'mnih',
      frameSkip: 5,
      pictureWidth: 72,
      pictureHeight: 64,
      colour: true,
      stack: 2,
      endOnLifeLoss: true,
    }),
    noops: false,
  },
  {
    name: 'the vector environment as it comes',
    id: null,
    theirs: () => ({ vector: {} }),
    ours: () => atariPresets.vector,
    noops: true,
  },
  {
    name: 'the vector environment, sticky, episodes of a life, in colours',
    id: null,
    theirs: () => ({
      vector: {
        noop_max: 1,
        use_fire_reset: false,
        episodic_life: true,
        reward_clipping: false,
        repeat_action_probability: 0.25,
        grayscale: false,
        stack_num: 3,
      },
    }),
    ours: () => ({
      observation: 'mnih',
      actions: 'minimal',
      noopSteps: 0,
      colour: true,
      stack: 3,
      blackStart: true,
      endOnLifeLoss: true,
      repeatActionProbability: 0.25,
    }),
    noops: false,
  },
];

/** A key whose sticky-action generator has this seed, and with which so many no-ops of at most 30 are drawn. */
function keyOf(seed: number, noops: number | null): Uint32Array {
  for (let word = 0; word < 100_000; word++) {
    if (noops === null || 1 + Math.floor(uniform(seed, word, 0, 1) * 30) === noops) return Uint32Array.of(seed, word);
  }
  throw new Error(`no key draws ${noops}`);
}

function titleOf(id: string): string {
  return id.replace(/(^|_)(.)/g, (_, _under, letter: string) => letter.toUpperCase());
}

async function compare(game: AtariGame, way: Way, item: number): Promise<number> {
  const title = titleOf(game.id);
  const choose = chooser(7400, item);
  const count = way.all ? 18 : game.minimalActions.length;
  const actions = Uint8Array.from({ length: STEPS }, () => choose(count));
  const seed = 100 + item;
  const named = way.id === null ? { game: game.id } : { id: way.id(title) };
  const answer: Buffer = await askOracle('atari_wrappers_oracle.py', {
    ...named,
    ...way.theirs(game),
    seed,
    actions: base64(actions),
  });
  const rows = answer.subarray(4);
  const settings = { ...way.ours(game) };
  const fired = settings['fireReset'] === true && game.minimalActions.includes(1) ? 1 : 0;
  const noops = way.noops ? rows.readInt32LE(16) - fired : null;
  if (noops === 0) delete (settings as Record<string, unknown>)['noopMax'];
  const env = defineAtariEnv(way.id === null ? game.id : way.id(title), settings).make(1, { threads: 1 });
  // Gymnasium gives the emulator the second word of numpy's seed sequence, the vector environment the seed itself.
  const own = way.id === null ? seed : atariSeedKeys([seed])[0];
  env.reset([0], keyOf(own, noops === 0 ? null : noops));
  const { lives, episodeFrameNumbers } = env.info!;
  let t = 0;
  for (; t * ROW < rows.length; t++) {
    if (t > 0) env.step(Int32Array.of(actions[t - 1]));
    const theirs = Array.from({ length: 5 }, (_, i) => rows.readInt32LE(t * ROW + 4 * i));
    const ended = theirs[1] !== 0 || theirs[2] !== 0;
    const ours = [env.rewards[0], env.terminated[0], env.truncated[0], lives![0], episodeFrameNumbers![0]];
    assert.deepEqual(ours, theirs, `${game.id}, step ${t}`);
    // Preprocessed, a last observation is made of screens of the step before theirs; ours shows the end.
    if (ended && settings['observation'] === 'mnih') continue;
    assert.equal(crc32(env.observations as Uint8Array), rows.readUInt32LE(t * ROW + 20), `${game.id}, screen at ${t}`);
  }
  env.close();
  return t;
}

for (const [item, way] of ways.entries()) {
  describe(`Atari, ${way.name}: as there`, { concurrency }, () => {
    for (const [number, id] of GAMES.entries()) {
      test(id, async () => {
        const steps = await compare(findAtariGame(id), way, 20 * item + number);
        assert.ok(steps > 20, `${steps} steps`);
      });
    }
  });
}
