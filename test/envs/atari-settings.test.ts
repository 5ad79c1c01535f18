import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { atariPresets } from '../../envs/index.js';
import { registerPaper } from '../../paper/index.js';
import { ArgumentError, NotFoundError } from '../../src/base/errors.js';
import type { EnvSettings } from '../../src/env/registry.js';
import { getEnv } from '../../src/env/registry.js';
import { deserializeSnapshot, serializeSnapshot } from '../../src/env/snapshot-bytes.js';
import { atariGames, findAtariGame, isAtariGame } from '../../src/native/atari-games.js';
import { assemble } from '../support/assembler.js';

registerPaper();

const rom = fileURLToPath(new URL('../golden/atari/synthetic/tia02.bin', import.meta.url));
const make = (settings: EnvSettings, slots = 3) =>
  getEnv('qbert', { rom, noopSteps: 0, ...settings }).make(slots, { threads: 1 });

describe('names of Gymnasium', () => {
  test('all games are understood by them', () => {
    for (const { id } of atariGames()) {
      const title = id
        .split('_')
        .map((word) => word[0].toUpperCase() + word.slice(1))
        .join('');
      for (const name of [`ALE/${title}-v5`, `${title}-v0`, `${title}-v4`, `${title}NoFrameskip-v4`]) {
        assert.equal(findAtariGame(name).id, id, name);
        assert.ok(isAtariGame(name));
      }
    }
    for (const name of ['ALE/Pong-v4', 'Pong-v5', 'ALE/Pog-v5', 'ALE/PongNoFrameskip-v5', 'Pong-v1']) {
      assert.ok(!isAtariGame(name), name);
    }
  });

  test('a typing error is answered with the nearest name of the same kind', () => {
    assert.throws(() => findAtariGame('ALE/SpaceInvader-v5'), /ALE\/SpaceInvaders-v5/);
    assert.throws(() => findAtariGame('PogNoFrameskip-v4'), /PongNoFrameskip-v4/);
    assert.throws(() => getEnv('ALE/Pog-v5'), NotFoundError);
  });

  test('an environment is played and seen as there', () => {
    const { spec } = getEnv('ale/qbert-v5', { rom });
    assert.deepEqual(
      [spec.id, spec.observationSpace.shape, spec.actionSpace, spec.maxEpisodeSteps],
      ['ALE/Qbert-v5', [210, 160, 3], { kind: 'discrete', sizes: [6] }, 27_000],
    );
    const v4 = getEnv('Qbert-v4', { rom }).spec;
    assert.deepEqual([v4.id, v4.maxEpisodeSteps, v4.secondsPerStep], ['Qbert-v4', 54_000, 0.05]);
    assert.equal(getEnv('QbertNoFrameskip-v4', { rom }).spec.maxEpisodeSteps, 108_000);
    const env = getEnv('ALE/Qbert-v5', { rom }).make(2, { threads: 1 });
    env.reset();
    env.step(Int32Array.of(5, 0));
    assert.deepEqual([...env.info!.episodeFrameNumbers!], [4, 4]);
    env.close();
  });
});

describe('settings', () => {
  test('the engine truncates by frames, however many a step has', () => {
    const settings = { observation: 'ram', frameSkip: 2, frameSkipMaximum: 4, maxFramesPerEpisode: 50 };
    const env = make(settings, 5);
    env.reset();
    const frames = env.info!.episodeFrameNumbers!;
    const actions = new Int32Array(15).fill(1);
    const lengths = new Set<number>();
    for (let step = 1; step <= 25; step++) {
      const before = frames.slice();
      env.step(actions);
      for (let slot = 0; slot < 5; slot++) {
        assert.equal(env.truncated[slot], frames[slot] === 50 ? 1 : 0);
        assert.equal(env.terminated[slot], 0);
        if (frames[slot] === 50 && before[slot] !== 50) lengths.add(step);
      }
    }
    assert.deepEqual([...frames], [50, 50, 50, 50, 50]);
    assert.ok(lengths.size > 1, 'episodes have as many frames, not as many steps');
    const saved = env.snapshot([3]);
    env.reset();
    env.restore(saved, [0]);
    assert.deepEqual([...env.truncated], [1, 0, 0, 0, 0]);
    env.close();
    const counted = make({ observation: 'ram', maxFramesPerEpisode: 7, noopSteps: 1 }, 1);
    counted.reset();
    counted.step(new Int32Array(3));
    assert.deepEqual([counted.truncated[0], counted.info!.episodeFrameNumbers![0]], [1, 7]);
    counted.close();
    assert.throws(() => make({ maxFramesPerEpisode: -1 }), /maxFramesPerEpisode -1/);
  });

  test('frames of a step are drawn from each slot’s key, and again after a restore', () => {
    const env = make({ observation: 'mnih', frameSkip: 2, frameSkipMaximum: 4 }, 5);
    env.reset();
    const actions = Int32Array.from({ length: 15 }, (_, i) => [1, 1, 0][i % 3]);
    const counts = new Set<number>();
    const play = (steps: number) => {
      const numbers: number[][] = [];
      for (let step = 0; step < steps; step++) {
        const before = env.info!.frameNumbers!.slice();
        env.step(actions);
        numbers.push([...env.info!.frameNumbers!].map((number, slot) => number - before[slot]));
      }
      return numbers;
    };
    for (const row of play(30)) for (const count of row) counts.add(count);
    assert.deepEqual([...counts].sort(), [2, 3, 4]);
    const snapshot = deserializeSnapshot(serializeSnapshot(env.snapshot()));
    const lives = env.info!.lives!.slice();
    const first = play(10);
    env.restore(snapshot, [0, 1, 2, 3, 4]);
    assert.deepEqual(env.info!.lives, lives);
    assert.deepEqual(play(10), first);
    assert.ok(new Set(first.flat()).size > 1);
    env.close();
    assert.throws(() => make({ frameSkipMaximum: 6 }), /paper/);
    assert.throws(() => make({ observation: 'mnih', frameSkipMaximum: 3 }), /frameSkipMaximum 3.*4 … 100/);
  });

  test('no-ops at the start: none, or a number drawn from the key; fire before them', () => {
    const frames = (settings: EnvSettings) => {
      const env = make({ observation: 'ram', ...settings }, 40);
      env.reset();
      const numbers = [...env.info!.episodeFrameNumbers!];
      env.close();
      return numbers;
    };
    assert.deepEqual(new Set(frames({})), new Set([0]));
    const drawn = frames({ noopMax: 5 });
    assert.deepEqual([...new Set(drawn)].sort(), [1, 2, 3, 4, 5]);
    assert.deepEqual(frames({ noopMax: 5 }), drawn);
    assert.deepEqual(
      frames({ noopMax: 5, fireReset: true }),
      drawn.map((number) => number + 1),
    );
  });

  test('pictures: size, colours, number, and black ones before the first', () => {
    const shape = { observation: 'mnih', pictureWidth: 40, pictureHeight: 52, colour: true, stack: 2 };
    const [first, black] = [make(shape, 1), make({ ...shape, blackStart: true }, 1)];
    assert.deepEqual(first.spec.observationSpace.shape, [2, 52, 40, 3]);
    const size = 52 * 40 * 3;
    for (const env of [first, black]) {
      env.reset();
      env.step(Int32Array.of(1, 1, 0));
    }
    assert.deepEqual(first.observations, black.observations, 'after as many steps they are alike');
    for (const env of [first, black]) env.reset();
    assert.deepEqual(black.observations.slice(0, size), new Uint8Array(size));
    assert.deepEqual(first.observations.slice(0, size), first.observations.slice(size));
    for (const env of [first, black]) env.close();
  });

  test('the first picture shows the present screen alone, whatever was done to begin', () => {
    const shape = { observation: 'mnih', pictureWidth: 160, pictureHeight: 210, stack: 1 };
    for (const settings of [{ noopMax: 5 }, { noopSteps: 2 }, { noopMax: 1, fireReset: true }]) {
      const [pooled, alone] = [make({ ...shape, ...settings }), make({ ...shape, ...settings, maxPool: false })];
      for (const env of [pooled, alone]) env.reset();
      assert.deepEqual(pooled.observations, alone.observations, JSON.stringify(settings));
      for (const env of [pooled, alone]) env.step(new Int32Array(9).fill(1));
      assert.notDeepEqual(pooled.observations, alone.observations, 'later ones are of two screens');
      for (const env of [pooled, alone]) env.close();
    }
  });

  test('modes and difficulties that a game has', () => {
    const game = findAtariGame('space_invaders');
    const [mode, difficulty] = [game.modes.at(-1)!, game.difficulties.at(-1)!];
    const hash = (settings: EnvSettings) => getEnv('space-invaders', settings).spec.modelHash;
    assert.notEqual(hash({ mode }), hash({}));
    assert.notEqual(hash({ difficulty }), hash({}));
    assert.equal(hash({ difficulty: 0 }), hash({}));
    assert.throws(() => hash({ mode: 99 }), { code: 'ERR_ARGUMENT', message: /space_invaders has no mode 99/ });
    assert.throws(() => hash({ mode: 0.5 }), { code: 'ERR_ARGUMENT' });
  });

  test('presets are settings of every game', () => {
    for (const [name, preset] of Object.entries(atariPresets)) {
      for (const id of ['pong', 'PongNoFrameskip-v4', 'ALE/Pong-v5']) {
        assert.deepEqual(getEnv(id, preset).spec.observationSpace.shape, [4, 84, 84], name);
      }
    }
  });

  test('continuous actions point where r cos θ and r sin θ are beyond the threshold', () => {
    const axes = make({ observation: 'ram' }, 1);
    const polar = make({ observation: 'ram', actions: 'continuous' }, 1);
    assert.equal(polar.spec.actionSpace.kind, 'box');
    const cases = [
      [0.5, 0, 0.5, 1, 1, 0],
      [0.51, 0, 0.51, 2, 1, 1],
      [1, Math.PI / 4, 0, 2, 2, 0],
      [1, Math.PI / 2, 1, 1, 2, 1],
      [0.9, -3, 0, 0, 1, 0],
      [1, (-3 * Math.PI) / 4, 0, 0, 0, 0],
    ];
    for (const [r, angle, fire, ...discrete] of cases) {
      axes.reset();
      polar.reset();
      for (let step = 0; step < 5; step++) {
        axes.step(Int32Array.from(discrete));
        polar.step(Float32Array.of(r!, angle!, fire!));
      }
      assert.deepEqual(polar.observations, axes.observations, `${r} ${angle} ${fire}`);
    }
    axes.close();
    polar.close();
  });

  test('what is out of range is refused', () => {
    for (const settings of [
      { observation: 'pixels' },
      { actions: 'paddle' },
      { stack: 0 },
      { noopMax: -1 },
      { continuousThreshold: 2 },
      { pictureWidth: 161 },
      { mode: 1 },
      { difficulty: 2 },
    ]) {
      assert.throws(() => make(settings), ArgumentError, JSON.stringify(settings));
    }
  });

  test('settings at their defaults leave the identity of an environment as it was', () => {
    const hash = (settings: EnvSettings) => getEnv('qbert', { rom, ...settings }).spec.modelHash;
    assert.equal(hash({ colour: false, stack: 4 }), hash({}));
    assert.notEqual(hash({ clipRewards: true }), hash({}));
  });
});

describe('lives and ends, on a cartridge of our own', () => {
  const listing = readFileSync(new URL('../support/cartridges/counters.asm', import.meta.url), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'trellis-cartridges-'));
  after(() => rmSync(folder, { recursive: true }));
  /** It counts frames from when the console is switched on or reset: about 70 before an episode begins. */
  const cartridge = (name: string, constants: Record<string, number>) => {
    let source = listing;
    for (const [address, value] of Object.entries(constants)) {
      const store = `  sta $${address}\n`;
      source = source.replace(store, `  lda #${value}\n${store}  lda #0\n`);
    }
    const path = join(folder, name);
    writeFileSync(path, assemble(source));
    return path;
  };
  const play = { observation: 'ram', noopSteps: 0 };

  test('endOnLifeLoss: the frame in which a life is lost is the last one', () => {
    // $b9 lives, one of which is lost in frame $b8; the score stays.
    const loses = { rom: cartridge('loses.bin', { b8: 90 }), ...play };
    const frames = [];
    for (const endOnLifeLoss of [true, false]) {
      const env = getEnv('breakout', { ...loses, endOnLifeLoss }).make(2, { threads: 1 });
      env.reset();
      let steps = 0;
      while (steps < 20 && !env.terminated[1]) {
        env.step(new Int32Array(6));
        steps++;
        if (env.info!.lives![1] === 4) break;
      }
      frames.push(env.info!.episodeFrameNumbers![1]);
      assert.equal(env.info!.lives![1], 4);
      assert.deepEqual([...env.terminated], endOnLifeLoss ? [1, 1] : [0, 0]);
      assert.deepEqual([...env.truncated], [0, 0]);
      env.close();
    }
    const [ended, whole] = frames;
    assert.equal(whole! % 4, 0);
    assert.ok(ended! <= whole! && ended! > whole! - 4);
  });

  test('no-ops that run into the end go on in a new episode', () => {
    const mortal = { rom: cartridge('mortal.bin', { 84: 80 }), ...play };
    const env = getEnv('homebrew', mortal).make(1, { threads: 1 });
    env.reset();
    let length = 0;
    for (; !env.terminated[0]; length++) env.step(new Int32Array(3));
    const end = env.info!.episodeFrameNumbers![0];
    assert.ok(length > 1 && length < 6);
    env.close();
    for (const noopSteps of [length - 1, length, length + 1, 2 * length]) {
      const idle = getEnv('homebrew', { ...mortal, noopSteps }).make(3, { threads: 1 });
      idle.reset();
      const left = 4 * (noopSteps % length);
      assert.deepEqual([...idle.info!.episodeFrameNumbers!], [left, left, left], `${noopSteps} steps`);
      assert.deepEqual([...idle.terminated], [0, 0, 0]);
      idle.close();
    }
    // Drawn numbers of frames, one by one: those beyond the end begin anew.
    const drawn = getEnv('homebrew', { ...mortal, noopMax: 3 * end }).make(64, { threads: 1 });
    drawn.reset();
    const numbers = [...drawn.info!.episodeFrameNumbers!];
    assert.ok(
      numbers.every((number) => number < end),
      `${numbers}`,
    );
    assert.ok(new Set(numbers).size > end / 2);
    assert.ok(drawn.terminated.every((flag) => flag === 0));
    drawn.close();
  });
});
