import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { seedKeys } from '../../envs/gymnasium/index.js';
import type { EnvFactory } from '../../src/index.js';

const python = process.env['TRELLIS_PYTHON'] || 'python3';
const oracle = fileURLToPath(new URL('gymnasium_oracle.py', import.meta.url));

/** What Gymnasium is to do: see gymnasium_oracle.py. */
export interface Task {
  id: string;
  steps: number;
  seed: number;
  reach: number;
  scale: number;
  single: boolean;
  options: Record<string, unknown>;
}

export interface Episode {
  state: number[];
  first: number[];
  actions: number[][];
  observations: number[][];
  rewards: number[];
  terminated: number[];
  truncated: number[];
  states: number[][];
}

/** Episodes of Gymnasium 1.4 ($TRELLIS_PYTHON, else python3). */
export function theirs(task: Task): { model: string; episodes: Episode[] } {
  const input = `${JSON.stringify(task)}\n`;
  const { status, stdout, stderr, error } = spawnSync(python, [oracle], { input, maxBuffer: 2 ** 30, cwd: tmpdir() });
  if (status === 0) return JSON.parse(stdout.toString());
  const packages = "pip install 'gymnasium[mujoco]==1.4.*'; $TRELLIS_PYTHON";
  throw new Error(`${python} (${packages}): ${error ?? stderr.toString()}`);
}

/**
 * Plays the episodes again, from the same seeds with the same actions: start states and observations (in single precision),
 * states, rewards and flags must be equal to the last bit. A second slot is moved by a snapshot before every step.
 * @param rounded rewards as they are in single precision
 */
export function replay(factory: EnvFactory, task: Task, rounded: boolean): void {
  const env = factory.make(2, { threads: 1 });
  const size = env.observations.length / 2;
  const round = rounded ? Math.fround : (x: number) => x;
  const observation = (slot: number) => [...env.observations.subarray(slot * size, (slot + 1) * size)];
  const { episodes } = theirs(task);
  for (const [number, episode] of episodes.entries()) {
    env.reset(undefined, seedKeys([task.seed + number, 7]));
    assert.deepEqual([...env.readState!(0)], episode.state, `start of episode ${number}`);
    assert.deepEqual(observation(0), episode.first, `start of episode ${number}`);
    for (const [t, action] of episode.actions.entries()) {
      const what = `episode ${number}, step ${t + 1}`;
      env.restore(env.snapshot([0]), [1]);
      const both = [...action, ...action];
      env.step(factory.spec.actionSpace.kind === 'box' ? Float32Array.from(both) : Int32Array.from(both));
      for (const slot of [0, 1]) {
        assert.deepEqual([...env.readState!(slot)], episode.states[t], what);
        assert.deepEqual(observation(slot), episode.observations[t], what);
        assert.equal(round(env.rewards[slot]), round(episode.rewards[t]), what);
        assert.equal(env.terminated[slot], episode.terminated[t], what);
        // Ours is truncated only where it has not terminated.
        assert.equal(env.truncated[slot], episode.terminated[t] === 1 ? 0 : episode.truncated[t], what);
      }
    }
  }
  assert.equal(env.simulatorSteps, 2 * task.steps);
  assert.equal(env.diverged, 0);
  env.close();
}
