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
  const env = factory.make(1);
  const restart = (episode: number) => env.reset([0], streamKeys(options.seed, Purpose.evaluationReset, 0, episode, 1));
  restart(0);
  const act = randomActor(factory, 5);
  let [total, frames, episode, time] = [0, 0, 0, 0];
  for (let step = 0; step < 300; step++) {
    const before = env.info!.frameNumbers![0];
    env.step(await act(env.observations, time++));
    total += env.rewards[0];
    // The step that ends an episode has as many frames as were emulated, so perhaps fewer than four.
    frames += env.info!.frameNumbers![0] - before;
    assert.equal(recording.episode[frames - 1], episode);
    assert.equal(recording.score[frames - 1], total);
    if (env.terminated[0] === 0) {
      assert.equal(frames - recording.episode.indexOf(episode), 4 * time);
    } else {
      [total, time] = [0, 0];
      restart(++episode);
    }
  }
  assert.equal(recording.frames.length, frames);
  assert.ok(episode > 0, 'an episode ended');
  assert.ok(frames > 1196 && frames <= 1200);
  assert.ok(
    recording.score.some((score) => score > 0),
    'random play hits something',
  );
  env.close();
});

test('an environment that is no game is refused', async () => {
  const env = cartpole();
  await assert.rejects(recordAgent(env, randomActor(env, 1), { title: '', seconds: 1, seed: 1 }), ArgumentError);
});
