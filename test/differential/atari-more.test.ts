import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { defineAtariEnv } from '../../src/env/define-atari-env.js';
import { AtariBatch } from '../../src/native/atari-batch.js';
import { type AtariGame, atariGames, findAtariGame } from '../../src/native/atari-games.js';
import { base64, differs, oracle, words } from './atari-more-oracle.js';
import { chooser, oracleRoms } from './atari-oracle.js';

// Sound, paddles and pictures of the vector environment against ale-py 0.12.1, the process itself.
const folder = oracleRoms();
process.env['TRELLIS_ROMS'] = folder;
const concurrency = Math.min(4, availableParallelism());

async function compareSound(game: AtariGame, item: number, acts: number): Promise<void> {
  const choose = chooser(7000, item);
  const frameSkip = 1 + choose(3);
  const probability = 0.25 * choose(2);
  const actions = Uint8Array.from({ length: acts }, () => game.minimalActions[choose(game.minimalActions.length)]);
  const strengths = Float32Array.from({ length: acts }, () => [0, 1, choose(1000) / 999][choose(3)]);
  const theirs = oracle({
    kind: 'sound',
    rom: join(folder, `${game.id}.bin`),
    seed: item,
    probability,
    frameSkip,
    actions: base64(actions),
    strengths: base64(strengths),
  });
  const batch = new AtariBatch({
    game: game.id,
    frameSkip,
    repeatActionProbability: probability,
    outputs: ['ram', 'screens', 'audio'],
  });
  const row = () => [batch.rewards[0], batch.lives[0], crc32(batch.ram!), crc32(batch.screens!), crc32(batch.audio!)];
  batch.reset({ seeds: [item] });
  const rows = [row()];
  for (let act = 0; act < acts; act++) {
    batch.step([actions[act]], { strengths: [strengths[act]] });
    rows.push(row());
    if (batch.terminated[0]) batch.reset();
  }
  batch.close();
  assert.equal(differs(words(rows), await theirs, 20), -1, `${game.id}, frame skip ${frameSkip}, p ${probability}`);
}

describe('every act’s sound, with paddles turned by any strength, is ale-py’s', { concurrency }, () => {
  for (const [item, game] of atariGames().entries()) test(game.id, () => compareSound(game, item, 500));
});

/** Options of ale-py's vector environment, and ours. */
const shapes = [
  [{ grayscale: false }, { colour: true, stack: 4 }],
  [{ stack_num: 2 }, { stack: 2 }],
  [
    { grayscale: false, stack_num: 3, img_height: 64, img_width: 72, maxpool: false },
    { colour: true, stack: 3, height: 64, width: 72, maxPool: false },
  ],
  [
    { grayscale: false, stack_num: 1, img_height: 105, img_width: 80 },
    { colour: true, height: 105, width: 80 },
  ],
  [
    { stack_num: 3, img_height: 210, img_width: 160 },
    { stack: 3, height: 210, width: 160 },
  ],
] as const;

describe('small pictures, coloured and stacked, are those of ale-py’s vector environment', { concurrency }, () => {
  for (const id of ['pong', 'breakout', 'seaquest', 'space_invaders', 'beam_rider', 'ms_pacman']) {
    for (const [item, [theirs, ours]] of shapes.entries()) {
      test(`${id} ${JSON.stringify(theirs)}`, async () => {
        const game = findAtariGame(id);
        const choose = chooser(7100, item);
        const actions = Uint8Array.from({ length: 250 }, () => choose(game.minimalActions.length));
        const wanted = oracle({ kind: 'vector', game: id, seed: 5 + item, actions: base64(actions), options: theirs });
        const batch = new AtariBatch({
          game: id,
          repeatActionProbability: 0,
          preprocess: ours,
          outputs: ['picture'],
        });
        batch.reset({ seeds: [5 + item] });
        const rows = [[0, 0, crc32(batch.picture!)]];
        for (const action of actions) {
          batch.step([game.minimalActions[action]], { acts: 4 });
          const reward = Math.max(-1, Math.min(1, batch.rewards[0]));
          rows.push([reward, batch.terminated[0], crc32(batch.picture!)]);
          if (batch.terminated[0]) break;
        }
        batch.close();
        const [a, b] = [words(rows), await wanted];
        // At the step that ends an episode theirs shows frames of the step before.
        const end = rows.at(-1)![1] === 1 ? rows.length - 1 : rows.length;
        assert.equal(b.length, a.length);
        assert.equal(differs(a.subarray(0, 12 * end), b.subarray(0, 12 * end), 12), -1);
      });
    }
  }
});

describe('continuous actions are those of ale-py’s environment', { concurrency }, () => {
  const games = [
    'breakout',
    'pong',
    'kaboom',
    'casino',
    'backgammon',
    'blackjack',
    'private_eye',
    'surround',
    'skiing',
  ];
  for (const [item, id] of games.entries()) {
    test(id, async () => {
      const choose = chooser(7200, item);
      const frameSkip = 1 + (item % 4);
      const actions = Float32Array.from({ length: 3 * 600 }, (_, i) => {
        const part = choose(2 ** 20) / (2 ** 20 - 1);
        return i % 3 === 1 ? (2 * part - 1) * Math.PI : choose(20) === 0 ? 0.5 : part;
      });
      const theirs = oracle({ kind: 'continuous', game: id, frameSkip, actions: base64(actions) });
      const factory = defineAtariEnv(id, { actions: 'continuous', observation: 'ram', noopSteps: 0, frameSkip });
      const env = factory.make(1, { threads: 1 });
      env.reset();
      const rows: number[][] = [];
      for (let at = 0; at < actions.length; at += 3) {
        env.step(actions.slice(at, at + 3));
        rows.push([env.rewards[0], env.info!.lives![0], crc32(env.observations as Uint8Array)]);
        if (env.terminated[0]) break;
      }
      env.close();
      assert.equal(differs(words(rows), await theirs, 12), -1);
    });
  }
});
