import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { registerPaper } from '../../../paper/index.js';
import { isMujocoEnv } from '../../../src/env/define-mujoco-env.js';
import { box } from '../../../src/env/spaces.js';
import { clipRewards } from '../../../src/env/wrappers/clip-rewards.js';
import { frameStack } from '../../../src/env/wrappers/frame-stack.js';
import { timeLimit } from '../../../src/env/wrappers/time-limit.js';
import type { EnvFactory, EnvSpec } from '../../../src/index.js';
import { getEnv } from '../../../src/index.js';
import { counter, toy } from './toy.js';

registerPaper();

const wrong = { code: 'ERR_ARGUMENT' };

describe('timeLimit', () => {
  it('truncates after so many steps, apart from termination, and simulates nothing after', () => {
    const factory = timeLimit(counter(), 3);
    assert.equal(factory.spec.maxEpisodeSteps, 3);
    const env = factory.make(3);
    env.reset();
    const flags = () => [...env.terminated, ...env.truncated];
    env.step(Int32Array.of(0, 1, 2));
    env.step(Int32Array.of(0, 1, 2));
    assert.deepEqual(flags(), [0, 0, 1, 0, 0, 0]);
    env.step(Int32Array.of(0, 1, 0));
    assert.deepEqual(flags(), [0, 1, 1, 1, 0, 0], 'the terminal state of the last step is a termination');
    assert.deepEqual([...env.rewards], [0, 3, 0]);
    assert.equal(env.simulatorSteps, 8);
    env.step(Int32Array.of(1, 1, 1));
    assert.equal(env.simulatorSteps, 8);
    env.reset([0]);
    for (let t = 1; t <= 3; t++) {
      assert.equal(env.truncated[0], 0);
      env.step(Int32Array.of(0, 0, 0));
    }
    assert.equal(env.truncated[0], 1);
    env.close();
  });

  it('refuses lengths beyond the environment’s own, and environments that cannot be truncated', () => {
    for (const steps of [0, 6, 1.5, Number.NaN, '3', undefined])
      assert.throws(() => timeLimit(counter(), steps as number), wrong);
    timeLimit(counter(), 5);
    let closed = 0;
    const stubborn: EnvFactory = {
      spec: counter().spec,
      make(slots) {
        const env = counter().make(slots);
        return Object.assign(env, { truncate: undefined, close: () => void closed++ });
      },
    };
    assert.throws(() => timeLimit(stubborn, 3).make(1), { ...wrong, message: /on request/ });
    assert.equal(closed, 1, 'and closes what it had made');
  });
});

describe('frameStack', () => {
  it('holds the last observations, the oldest first', () => {
    for (const padding of ['reset', 'zero'] as const) {
      const raw = toy().make(2);
      const env = frameStack(toy(), 3, { padding }).make(2);
      for (const each of [raw, env]) each.reset();
      const before = [...raw.observations].map((x) => (padding === 'zero' ? 0 : x));
      const frames = [before, before, [...raw.observations]];
      for (let t = 0; t < 5; t++) {
        const expected = [0, 1].flatMap((slot) => frames.slice(-3).flatMap((row) => row.slice(2 * slot, 2 * slot + 2)));
        assert.deepEqual([...env.observations], expected, `${padding}, step ${t}`);
        for (const each of [raw, env]) each.step(Float32Array.of(0.5, -0.5));
        frames.push([...raw.observations]);
      }
    }
  });

  it('puts frames beside each other along the channels', () => {
    const shapeOf = (shape: number[]) => {
      const spec: EnvSpec = { ...toy().spec, observationSpace: box(shape) };
      return frameStack({ ...toy(), spec }, 4).spec.observationSpace.shape;
    };
    assert.deepEqual(shapeOf([7]), [28]);
    assert.deepEqual(shapeOf([84, 80]), [4, 84, 80]);
    assert.deepEqual(shapeOf([1, 84, 80]), [4, 84, 80]);
    assert.deepEqual(shapeOf([3, 84, 80]), [12, 84, 80]);
    assert.deepEqual(shapeOf([210, 160, 3]), [4, 210, 160, 3]);
  });

  it('repeats bounds and scaling', () => {
    const scaled = { offset: Float32Array.of(1, 2), scale: 3, clip: 4 };
    const spec: EnvSpec = { ...toy().spec, observationScaling: scaled, observationSpace: box([2], [1, -2], [3, 4]) };
    const stacked = frameStack({ ...toy(), spec }, 2, { padding: 'zero' }).spec;
    assert.deepEqual(stacked.observationScaling, { ...scaled, offset: Float32Array.of(1, 2, 1, 2) });
    assert.deepEqual([...stacked.observationSpace.low], [0, -2, 0, -2], 'room for the zeros');
    assert.deepEqual([...stacked.observationSpace.high], [3, 4, 3, 4]);
  });

  it('refuses unknown options and numbers that make no sense', () => {
    assert.throws(() => frameStack(toy(), 2, { pad: 'zero' } as object), { code: 'ERR_NOT_FOUND', message: /padding/ });
    assert.throws(() => frameStack(toy(), 2, { padding: 'none' } as object), wrong);
    for (const k of [0, 65, 1.5, '4']) assert.throws(() => frameStack(toy(), k as number), wrong);
  });

  it('leaves a robot’s model reachable, for drawing', () => {
    assert.ok(isMujocoEnv(frameStack(getEnv('swimmer'), 2)));
  });
});

describe('clipRewards', () => {
  it('takes the sign, or keeps between bounds', () => {
    const rewardsOf = (factory: EnvFactory) => {
      const env = factory.make(3);
      env.reset();
      for (let t = 0; t < 3; t++) env.step(Float32Array.of(-1, 0.05, 1));
      return [...env.rewards];
    };
    const raw = rewardsOf(toy());
    assert.ok(raw[0] < -2 && raw[2] > 2);
    assert.deepEqual(rewardsOf(clipRewards(toy())), raw.map(Math.sign));
    assert.deepEqual(
      rewardsOf(clipRewards(toy(), { low: -1, high: 2 })),
      raw.map((r) => Math.max(-1, Math.min(2, r))),
    );
    assert.deepEqual(
      rewardsOf(clipRewards(toy(), { high: 2 })),
      raw.map((r) => Math.min(2, r)),
    );
  });

  it('refuses bounds that are none', () => {
    assert.throws(() => clipRewards(toy(), { min: 0 } as object), { code: 'ERR_NOT_FOUND' });
    for (const bounds of [
      { low: 2, high: 1 },
      { low: Number.NaN },
      { low: Infinity },
      { high: -Infinity },
      null,
      { low: '1' },
    ]) {
      assert.throws(() => clipRewards(toy(), bounds as object), wrong);
    }
  });
});

describe('truncate', () => {
  it('cuts running episodes where they stand, and no others', () => {
    const env = counter().make(3);
    env.reset([0, 1]);
    env.step(Int32Array.of(2, 2, 0));
    env.step(Int32Array.of(2, 0, 0));
    env.truncate!([1, 0]);
    assert.deepEqual(
      [[...env.terminated], [...env.truncated]],
      [
        [1, 0, 0],
        [0, 1, 1],
      ],
    );
    assert.deepEqual([...env.rewards], [4, 2, 0]);
    env.step(Int32Array.of(1, 1, 1));
    assert.deepEqual([env.simulatorSteps, env.rewards[1], env.observations[2]], [4, 0, 2]);
    for (const slots of [[3], [-1], 7, [0, 0]]) assert.throws(() => env.truncate!(slots as number[]), wrong);
    env.close();
    assert.throws(() => env.truncate!([0]), { code: 'ERR_CLOSED' });
  });
});
