import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ATARI_GAMES } from '../../paper/cells/atari.js';
import { registerPaper } from '../../paper/index.js';
import { Purpose, streamKeys } from '../../src/base/random.js';
import { defineAtariEnv } from '../../src/env/define-atari-env.js';
import { getEnv } from '../../src/env/registry.js';
import { deserializeSnapshot, serializeSnapshot } from '../../src/env/snapshot-bytes.js';
import { makeActions } from '../../src/env/spaces.js';
import type { VectorEnv } from '../../src/env/types.js';
import { AtariBatch } from '../../src/native/atari-batch.js';
import { IMPORT_HINT, listRoms } from '../../src/native/rom-library.js';
import { environmentConformance, fillActions } from '../env/conformance.js';

registerPaper();

// These need the user's cartridges. Where there are none they are skipped, unless TRELLIS_REQUIRE_ROMS is set (as in CI).
const imported = new Set(
  listRoms()
    .filter((rom) => rom.state === 'imported')
    .map((rom) => rom.game.id.replaceAll('_', '-')),
);
const required = Boolean(process.env['TRELLIS_REQUIRE_ROMS']);
const without = (...games: string[]) =>
  required || games.every((game) => imported.has(game)) ? false : `${games.join(', ')}: ${IMPORT_HINT}`;

const keysOf = (count: number, seed = 5) => streamKeys(seed, Purpose.scratch, 0, 0, count);

/** Steps with actions that depend on (item, time) only; all that the slots show after each step. */
function play(env: VectorEnv, items: readonly number[], from: number, to: number) {
  const actions = makeActions(env.spec.actionSpace, env.slots);
  return Array.from({ length: to - from }, (_, i) => {
    fillActions(env, actions, from + i, items);
    env.step(actions);
    return shown(env);
  });
}

const shown = ({ observations, rewards, terminated, truncated }: VectorEnv) =>
  structuredClone({ observations, rewards, terminated, truncated });

for (const game of ['pong', 'breakout'] as const) {
  describe(game, { skip: without(game) }, () => {
    environmentConformance(game, getEnv(game), {
      steps: 8,
      sameStarts: true,
      short: getEnv(game, { maxEpisodeSteps: 5 }),
      other: getEnv(game, { noopSteps: 3 }),
    });
  });
}

describe('Atari environments: actions', { skip: without(...ATARI_GAMES) }, () => {
  // By name, so that this table shares nothing with the one under test.
  const names =
    'noop fire up right left down upright upleft downright downleft upfire rightfire leftfire downfire uprightfire ' +
    'upleftfire downrightfire downleftfire';
  const codes = names.split(' ');
  const triples = Array.from({ length: 18 }, (_, i) => [Math.floor(i / 6), Math.floor(i / 2) % 3, i % 2] as const);
  const codeOf = ([h, v, f]: (typeof triples)[number]) => {
    const name = `${['down', '', 'up'][v]}${['left', '', 'right'][h]}${['', 'fire'][f]}`;
    return codes.indexOf(name === '' ? 'noop' : name);
  };

  it('are 18 different codes', () => assert.equal(new Set(triples.map(codeOf)).size, 18));

  for (const game of ATARI_GAMES) {
    it(`${game}: every (horizontal, vertical, fire) plays as its action code`, () => {
      const env = getEnv(game).make(18, { threads: 1 });
      const outputs = ['ram', 'frames'] as const;
      const preprocess = { width: 40, height: 52, maxPool: false };
      const batch = new AtariBatch({
        game,
        slots: 18,
        threads: 1,
        repeatActionProbability: 0,
        acts: 4,
        preprocess,
        outputs: [...outputs],
      });
      const keys = keysOf(18);
      env.reset(undefined, keys);
      batch.reset({ seeds: Array.from({ length: 18 }, (_, i) => keys[2 * i]) });
      for (let i = 0; i < 10; i++) batch.step(new Int32Array(18), { acts: 4 });
      const actions = Int32Array.from(triples.flat());
      const expected = triples.map(codeOf);
      for (let step = 0; step < 100; step++) {
        env.step(actions);
        batch.step(expected, { acts: 4 });
        assert.deepEqual(env.rewards, Float64Array.from(batch.rewards));
      }
      assert.deepEqual(env.observations, batch.frames);
      const rams = triples.map((_, slot) => env.readState!(slot).join());
      rams.forEach((ram, slot) => {
        assert.equal(ram, [...batch.ram!.subarray(128 * slot, 128 * slot + 128)].join());
      });
      assert.ok(new Set(rams).size > 3, 'actions matter');
      env.close();
      batch.close();
    });
  }
});

describe('Atari environments: snapshots and draws', { skip: without(...ATARI_GAMES) }, () => {
  for (const game of ATARI_GAMES) {
    it(`${game}: a serialised snapshot of every step is accepted and replays`, () => {
      const env = getEnv(game, { repeatActionProbability: 0.25 }).make(3, { threads: 2 });
      env.reset(undefined, keysOf(3));
      for (let time = 0; time < 24; time += 2) {
        const before = shown(env);
        const saved = deserializeSnapshot(serializeSnapshot(env.snapshot()));
        const future = play(env, [0, 1, 2], time, time + 2);
        env.restore(saved, [0, 1, 2]);
        assert.deepEqual(shown(env), before);
        assert.deepEqual(play(env, [0, 1, 2], time, time + 2), future);
      }
      env.close();
    });
  }

  it('sticky actions: equal keys on restore give equal branches, other keys other ones', () => {
    const env = getEnv('pong', { repeatActionProbability: 0.25 }).make(1, { threads: 1 });
    const branches = getEnv('pong', { repeatActionProbability: 0.25 }).make(6, { threads: 2 });
    env.reset(undefined, keysOf(1));
    play(env, [0], 0, 30);
    const saved = env.snapshot();
    const rows = [0, 0, 0, 0, 0, 0];
    const ram = (slot: number) => branches.readState!(slot).join();
    const pair = (keys: Uint32Array, i: number) => [keys[2 * i], keys[2 * i + 1]];
    const [a, b, c] = [0, 1, 2].map((i) => pair(keysOf(3, 9), i)) as [number[], number[], number[]];
    branches.restore(saved, [0, 1, 2, 3, 4, 5], { rows, keys: Uint32Array.from([a, b, c, a, b, c].flat()) });
    play(branches, rows, 30, 60);
    assert.deepEqual([ram(0), ram(1), ram(2)], [ram(3), ram(4), ram(5)]);
    assert.equal(new Set([ram(0), ram(1), ram(2)]).size, 3);
    branches.restore(saved, [0, 1], { rows: [0, 0] });
    play(branches, rows, 30, 60);
    play(env, [0], 30, 60);
    assert.deepEqual([ram(0), ram(1)], [env.readState!(0).join(), env.readState!(0).join()], 'without keys: its own');
    env.close();
    branches.close();
  });

  it('1 and 2 threads give the same bytes', () => {
    const run = (threads: number) => {
      const env = getEnv('space-invaders', { repeatActionProbability: 0.25 }).make(5, { threads });
      env.reset(undefined, keysOf(5));
      const rows = play(env, [0, 1, 2, 3, 4], 0, 60);
      const bytes = serializeSnapshot(env.snapshot());
      env.close();
      return { rows, bytes };
    };
    assert.deepEqual(run(1), run(2));
  });

  it('finished slots keep what they show while others go on and start anew', () => {
    for (const observation of ['paper', 'mnih']) {
      const env = getEnv('breakout', { observation, maxEpisodeSteps: 6 }).make(2, { threads: 1 });
      const size = env.observations.length / 2;
      env.reset(undefined, keysOf(2));
      play(env, [0, 1], 0, 3);
      env.reset([1]);
      play(env, [0, 1], 3, 6);
      assert.deepEqual([...env.truncated], [1, 0]);
      const last = env.observations.slice(0, size);
      play(env, [0, 1], 6, 8);
      env.reset([1]);
      play(env, [0, 1], 8, 10);
      assert.deepEqual(env.observations.slice(0, size), last);
      assert.equal(env.rewards[0], 0);
      env.close();
    }
  });
});

describe('Atari environments: settings', { skip: without('pong', 'breakout', 'beam-rider') }, () => {
  it('mnih: the pictures of the last four steps, oldest first, all the same at the start', () => {
    const env = getEnv('pong', { observation: 'mnih' }).make(2, { threads: 1 });
    assert.deepEqual(env.spec.observationSpace.kind === 'box' && env.spec.observationSpace.shape, [4, 84, 84]);
    const batch = new AtariBatch({ game: 'pong', repeatActionProbability: 0, outputs: ['picture'] });
    env.reset(undefined, keysOf(2));
    batch.reset({ seeds: [keysOf(2)[0]] });
    for (let i = 0; i < 10; i++) batch.step([0], { acts: 4 });
    const pictures = [0, 1, 2, 3].map(() => batch.picture!.slice());
    const stack = () => env.observations.subarray(0, 4 * 84 * 84);
    assert.deepEqual(stack(), Uint8Array.from(pictures.flatMap((picture) => [...picture])));
    for (let step = 0; step < 12; step++) {
      env.step(Int32Array.of(2, 1, 0, 0, 1, 1));
      batch.step([3], { acts: 4 });
      pictures.push(batch.picture!.slice());
      pictures.shift();
      assert.deepEqual(stack(), Uint8Array.from(pictures.flatMap((picture) => [...picture])));
    }
    assert.notDeepEqual(pictures[0], pictures[3]);
    env.close();
    batch.close();
  });

  it('endOnLifeLoss: a lost life ends the episode, otherwise the game goes on', () => {
    const lengthOf = (endOnLifeLoss: boolean) => {
      const env = getEnv('breakout', { endOnLifeLoss, maxEpisodeSteps: 400 }).make(1, { threads: 1 });
      env.reset(undefined, keysOf(1));
      let steps = 0;
      // Serve, and stand still: the ball is missed.
      while (env.terminated[0] === 0 && env.truncated[0] === 0) {
        env.step(Int32Array.of(1, 1, 1));
        steps++;
      }
      const end = env.terminated[0];
      env.close();
      return { steps, end };
    };
    const [life, game] = [lengthOf(true), lengthOf(false)];
    assert.equal(life.end, 1);
    assert.ok(life.steps < game.steps, `${life.steps} against ${game.steps}`);
  });

  it('frameSkip is the number of frames shown', () => {
    const env = getEnv('beam-rider', { frameSkip: 2 }).make(1, { threads: 1 });
    assert.equal(env.observations.length, 2 * 52 * 40);
    env.reset();
    env.step(makeActions(env.spec.actionSpace, 1));
    assert.ok(env.observations.some((value) => value > 0));
    env.close();
  });
});

describe('Atari environments: bad input', () => {
  it('is refused with the nearest names or the bounds', () => {
    assert.throws(() => getEnv('pongg'), { code: 'ERR_NOT_FOUND', message: /pong/ });
    assert.throws(() => defineAtariEnv('pongg'), { code: 'ERR_NOT_FOUND', message: /pong/ });
    assert.throws(() => getEnv('pong', { frameskip: 4 }), { code: 'ERR_NOT_FOUND', message: /frameSkip/ });
    const bad = [
      { frameSkip: 0 },
      { frameSkip: 2.5 },
      { frameSkip: '4' },
      { noopSteps: -1 },
      { repeatActionProbability: 1 },
      { repeatActionProbability: Number.NaN },
      { maxEpisodeSteps: 0 },
      { endOnLifeLoss: 1 },
      { observation: 'pixels' },
    ];
    for (const settings of bad) {
      assert.throws(() => getEnv('pong', settings), { code: 'ERR_ARGUMENT' }, JSON.stringify(settings));
    }
  });

  it('a cartridge file that is not there, or is none, is refused at once', () => {
    assert.throws(() => getEnv('pong', { rom: '/no/such/file.bin' }), { code: 'ERR_ROM', message: /cannot read/ });
    const folder = mkdtempSync(join(tmpdir(), 'trellis-no-cartridge-'));
    const short = join(folder, 'short.bin');
    writeFileSync(short, 'ten bytes.');
    assert.throws(() => getEnv('homebrew', { rom: short }), { code: 'ERR_ROM', message: /10 bytes/ });
    rmSync(folder, { recursive: true });
    assert.throws(() => getEnv('homebrew').make(1), { code: 'ERR_ROM', message: /without a cartridge.*"rom"/ });
  });

  it('without an imported ROM the message names the two commands', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trellis-no-roms-'));
    const before = process.env['TRELLIS_ROMS'];
    process.env['TRELLIS_ROMS'] = folder;
    try {
      assert.throws(() => getEnv('pong').make(1), {
        code: 'ERR_ROM',
        message: /pip download ale-py==0\.12\.1 --no-deps.*trellis roms import/,
      });
    } finally {
      if (before === undefined) delete process.env['TRELLIS_ROMS'];
      else process.env['TRELLIS_ROMS'] = before;
      rmSync(folder, { recursive: true });
    }
  });
});
