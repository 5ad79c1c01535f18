import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cartpole } from '../../envs/classic/cartpole.js';
import { ArgumentError } from '../../src/base/errors.js';
import { Purpose, streamKeys } from '../../src/base/random.js';
import { defineAtariEnv } from '../../src/env/define-atari-env.js';
import { IMPORT_HINT, listRoms } from '../../src/native/rom-library.js';
import { recordAgent } from '../../src/report/record-agent.js';
import { randomActor } from '../../src/report/record-episode.js';

// Needs the user's cartridge; skipped where there is none, unless TRELLIS_REQUIRE_ROMS is set (as in CI).
const required = Boolean(process.env['TRELLIS_REQUIRE_ROMS']);
const imported = listRoms().some((rom) => rom.game.id === 'space_invaders' && rom.state === 'imported');

test('an agent in a game: every emulated frame, with the rewards of the environment', {
  skip: !imported && !required ? IMPORT_HINT : false,
}, async () => {
  const repeatActionProbability = 0.25;
  const factory = defineAtariEnv('space-invaders', { repeatActionProbability });
  const options = { title: 'invaders', seconds: 20, seed: 2 };
  const recording = await recordAgent(factory, randomActor(factory, 5), options, { repeatActionProbability });
  assert.equal(recording.frames.length, 1200);
  const env = factory.make(1);
  env.reset([0], streamKeys(2, Purpose.evaluationReset, 0, 0, 1));
  const act = randomActor(factory, 5);
  let total = 0;
  for (let step = 0; step < 300; step++) {
    env.step(await act(env.observations, step));
    total += env.rewards[0]!;
    if (recording.episode[4 * step] === 0) assert.equal(recording.score[4 * step + 3], total);
  }
  assert.ok(total > 0, 'random play hits something');
  env.close();
});

test('an environment that is no game is refused', async () => {
  const env = cartpole();
  await assert.rejects(recordAgent(env, randomActor(env, 1), { title: '', seconds: 1, seed: 1 }), ArgumentError);
});
