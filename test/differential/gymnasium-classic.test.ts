import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { registerGymnasium, seedKeys } from '../../envs/gymnasium/index.js';
import { getEnv } from '../../src/index.js';
import { type Episode, type Task, theirs } from './gymnasium-oracle.js';

// Classic control against Gymnasium 1.4. Its sines, cosines and squares of double precision are the C library's, ours are
// JavaScript's, which may differ in the last bit. So every step starts from Gymnasium's own state, and what comes out is
// compared in single precision, which is what observations have.
registerGymnasium();
const STEPS = 3000;

const tasks: { id: string; bound: number; reach: number; options?: Record<string, unknown> }[] = [
  { id: 'Acrobot-v1', bound: 1, reach: 1 },
  { id: 'CartPole-v1', bound: 1, reach: 1 },
  { id: 'CartPole-v1', bound: 1, reach: 1, options: { sutton_barto_reward: true } },
  { id: 'MountainCarContinuous-v0', bound: 1, reach: 1.2 },
  { id: 'MountainCarContinuous-v0', bound: 1, reach: 1.2, options: { goal_velocity: 0.01 } },
  { id: 'Pendulum-v1', bound: 2, reach: 1.2 },
  { id: 'Pendulum-v1', bound: 2, reach: 1, options: { g: 3.7 } },
];

/** Gymnasium's episodes, every step from its own state. */
function follow(task: Task, episodes: readonly Episode[], options: Record<string, unknown>): Record<string, number> {
  const camel = Object.entries(options).map(([name, value]) => [
    name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  const factory = getEnv(task.id, { ...Object.fromEntries(camel), seeding: 'numpy' });
  const env = factory.make(1);
  const single = (values: Iterable<number>) => [...Float32Array.from(values)];
  const seen = { terminated: 0, truncated: 0 };
  for (const [number, episode] of episodes.entries()) {
    env.reset([0], seedKeys([task.seed + number]));
    assert.deepEqual([...env.readState!(0)], episode.state, `start of episode ${number}`);
    assert.deepEqual([...env.observations], episode.first, `start of episode ${number}`);
    for (const [t, action] of episode.actions.entries()) {
      const what = `episode ${number}, step ${t + 1}`;
      const snapshot = env.snapshot([0]);
      (snapshot.parts['state'] as Float64Array).set(t === 0 ? episode.state : episode.states[t - 1]);
      env.restore(snapshot, [0]);
      env.step(factory.spec.actionSpace.kind === 'box' ? Float32Array.from(action) : Int32Array.from(action));
      assert.deepEqual([...env.observations], episode.observations[t], what);
      assert.deepEqual(single(env.readState!(0)), single(episode.states[t]), what);
      assert.equal(Math.fround(env.rewards[0]), Math.fround(episode.rewards[t]), what);
      assert.equal(env.terminated[0], episode.terminated[t], what);
      assert.equal(env.truncated[0], episode.terminated[t] === 1 ? 0 : episode.truncated[t], what);
      seen.terminated += env.terminated[0];
      seen.truncated += env.truncated[0];
    }
  }
  env.close();
  return seen;
}

describe('Gymnasium’s classic control', () => {
  for (const { id, bound, reach, options = {} } of tasks) {
    it(`${id} ${JSON.stringify(options)}: ${STEPS} steps`, () => {
      const task = { id, steps: STEPS, seed: 11, reach, scale: bound, single: true, options };
      const { terminated, truncated } = follow(task, theirs(task).episodes, options);
      assert.ok(terminated! + truncated! > 2, `${terminated} terminated, ${truncated} truncated`);
    });
  }
});
