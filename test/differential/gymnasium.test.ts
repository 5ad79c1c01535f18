import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { MujocoEnvFactory } from '../../src/index.js';
import { ant, humanoid, type Starts } from './gymnasium-envs.js';

// Against Gymnasium 1.4 on the same MuJoCo ($TRELLIS_PYTHON, else python3): states and rewards equal to the last bit,
// observations to the last bit of the single precision that ours have.
const python = process.env['TRELLIS_PYTHON'] || 'python3';
const oracle = fileURLToPath(new URL('gymnasium_oracle.py', import.meta.url));
const STEPS = 1000;

interface Episode {
  qpos: number[];
  qvel: number[];
  first: number[];
  actions: number[][];
  observations: number[][];
  rewards: number[];
  terminated: number[];
  states: number[][];
}

function theirs(task: object): { model: string; episodes: Episode[] } {
  const input = `${JSON.stringify(task)}\n`;
  const { status, stdout, stderr, error } = spawnSync(python, [oracle], { input, maxBuffer: 2 ** 30 });
  if (status !== 0) {
    throw new Error(
      `${python} (pip install 'gymnasium[mujoco]==1.4.*'; $TRELLIS_PYTHON): ${error ?? stderr.toString()}`,
    );
  }
  return JSON.parse(stdout.toString());
}

const tasks: [
  id: string,
  define: (file: string, starts: Starts) => MujocoEnvFactory,
  bound: number,
  single: boolean,
][] = [
  ['Ant-v5', ant, 1, true],
  ['Humanoid-v5', humanoid, 0.4, false],
];

describe('definitions of Gymnasium’s environments give its states, observations and rewards', () => {
  for (const [id, define, bound, single] of tasks) {
    it(`${id}: ${STEPS} random steps`, () => {
      const { model, episodes } = theirs({ id, steps: STEPS, bound, single });
      const starts: Starts = { next: episodes[0]! };
      // The second slot is moved by a snapshot after every step, the first goes its way.
      const env = define(model, starts).make(2, { threads: 1 });
      const size = env.observations.length / 2;
      const same = (slot: number, observation: readonly number[], what: string) =>
        assert.deepEqual(
          [...env.observations.subarray(slot * size, (slot + 1) * size)],
          [...Float32Array.from(observation)],
          what,
        );
      for (const [number, episode] of episodes.entries()) {
        starts.next = episode;
        env.reset();
        same(0, episode.first, `start of episode ${number}`);
        for (const [t, action] of episode.actions.entries()) {
          const what = `episode ${number}, step ${t + 1}`;
          env.restore(env.snapshot([0]), [1]);
          env.step(Float32Array.from([...action, ...action]));
          for (const slot of [0, 1]) {
            assert.deepEqual([...env.readState!(slot)], episode.states[t], what);
            same(slot, episode.observations[t]!, what);
            assert.equal(env.rewards[slot], episode.rewards[t], what);
            assert.equal(env.terminated[slot], episode.terminated[t], what);
          }
        }
      }
      assert.equal(env.simulatorSteps, 2 * STEPS);
      env.close();
    });
  }
});
