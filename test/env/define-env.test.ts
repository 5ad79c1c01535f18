import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineEnv, type EnvSource } from '../../src/env/define-env.js';
import { gatherSnapshot } from '../../src/env/snapshot.js';
import { deserializeSnapshot, serializeSnapshot } from '../../src/env/snapshot-bytes.js';
import { box, discrete, makeActions } from '../../src/env/spaces.js';
import type { EnvFactory, VectorEnv } from '../../src/env/types.js';

/** A number that grows by the action; every part can be replaced. */
function counter(changes: Partial<EnvSource<Float32Array>> = {}): EnvFactory {
  return defineEnv<Float32Array>({
    id: 'counter',
    parameters: {},
    stateSize: 2,
    observation: 2,
    action: box([1], -1, 1),
    maxEpisodeSteps: 5,
    secondsPerStep: 1,
    start(state, at, draw) {
      state[at] = draw(0);
    },
    step({ state, actions, rewards }, first, end) {
      for (let slot = first; slot < end; slot++) {
        state[2 * slot] += actions[slot];
        state[2 * slot + 1] += 1;
        rewards[slot] = state[2 * slot];
      }
    },
    ...changes,
  });
}

const made = (changes: Partial<EnvSource<Float32Array>>, slots = 3): VectorEnv => counter(changes).make(slots);

describe('defineEnv', () => {
  it('maps ±1 to the bounds of an action and clips there', () => {
    const seen: number[] = [];
    const env = made(
      {
        action: box([4], [5, -1, -Infinity, 0], [10, 1, 2, Infinity]),
        step({ actions }, first, end) {
          seen.push(...actions.subarray(4 * first, 4 * end));
        },
      },
      1,
    );
    const { actionSpace } = env.spec;
    assert.ok(actionSpace.kind === 'box');
    assert.deepEqual(
      [[...actionSpace.low], [...actionSpace.high]],
      [
        [-1, -1, -Infinity, 0],
        [1, 1, 2, Infinity],
      ],
    );
    env.reset();
    for (const value of [-1, 0, 1, 3, -3]) env.step(new Float32Array(4).fill(value));
    assert.deepEqual(seen, [5, -1, -1, 0, 7.5, 0, 0, 0, 10, 1, 1, 1, 10, 3, 2, 3, 5, -3, -3, 0]);
  });

  it('hands normalised actions on as they were drawn, in the same array', () => {
    const actions = Float32Array.of(3, -3, 0);
    let seen: unknown;
    const env = made({
      step(tables) {
        seen = tables.actions;
      },
    });
    env.reset();
    env.step(actions);
    assert.equal(seen, actions);
  });

  it('tells a start its key', () => {
    const env = made({ start: (state, at, _draw, key) => void state.set(key, at) }, 3);
    env.reset([2, 0], Uint32Array.of(1, 2, 3, 4));
    assert.deepEqual([...env.readState!(2), ...env.readState!(0)], [1, 2, 3, 4]);
  });

  it('begins every episode from nothing', () => {
    const env = made({ start() {} }, 1);
    env.reset();
    env.step(Float32Array.of(1));
    env.reset();
    assert.deepEqual([...env.observations], [0, 0]);
  });

  it('refuses NaN and infinity, naming slot, step and field, and cuts what was in progress', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      const reward = made({
        step: ({ rewards, elapsed }, first, end) => rewards.fill(elapsed[2] === 1 ? value : 0, Math.max(first, 2), end),
      });
      reward.reset();
      reward.step(new Float32Array(3));
      assert.throws(() => reward.step(new Float32Array(3)), {
        code: 'ERR_DIVERGED',
        message: new RegExp(`reward of slot 2 is ${value} at step 2`),
      });
      assert.deepEqual([...reward.truncated], [1, 1, 1]);
      assert.ok([...reward.rewards, ...reward.observations].every(Number.isFinite));
      reward.step(new Float32Array(3));
      assert.equal(reward.simulatorSteps, 3);
      reward.reset();
      reward.step(new Float32Array(3));
      const observation = made({ step: ({ state }) => void state.fill(value, 3, 4) });
      observation.reset();
      assert.throws(() => observation.step(new Float32Array(3)), {
        message: /observation\[1\] of slot 1 .* at step 1/,
      });
      assert.throws(() => made({ start: (state, at) => void state.fill(value, at, at + 1) }).reset([1]), {
        code: 'ERR_DIVERGED',
        message: /observation\[0\] of slot 1 .* at step 0/,
      });
    }
  });

  it('ends such episodes, counted, where the definition says so', () => {
    const env = made({
      nonFinite: 'end',
      step({ state, rewards }, first, end) {
        for (let slot = first; slot < end; slot++) rewards[slot] = 1;
        if (first <= 1) state[3] = Number.NaN;
        rewards[2] = Infinity;
      },
    });
    env.reset();
    env.step(new Float32Array(3));
    assert.deepEqual([...env.terminated], [0, 1, 1]);
    assert.deepEqual([...env.rewards], [1, 0, 0]);
    assert.equal(env.diverged, 2);
    assert.ok(env.observations.every(Number.isFinite));
  });

  it('refuses calls from its own functions, and goes on after an error of theirs', () => {
    let hook = (_env: VectorEnv): void => {};
    const env: VectorEnv = made({
      start: () => hook(env),
      step: () => hook(env),
    });
    env.reset();
    const calls: ((env: VectorEnv) => unknown)[] = [
      (inner) => inner.step(makeActions(inner.spec.actionSpace, 3)),
      (inner) => inner.reset(),
      (inner) => inner.snapshot(),
      (inner) => inner.close(),
    ];
    for (const call of calls) {
      hook = call;
      assert.throws(() => env.step(new Float32Array(3)), { code: 'ERR_ARGUMENT', message: /in the middle of step/ });
      assert.throws(() => env.reset([0]), { code: 'ERR_ARGUMENT', message: /in the middle of reset/ });
      hook = () => {};
      env.reset();
      env.step(new Float32Array(3));
    }
    hook = () => {
      throw new Error('theirs');
    };
    assert.throws(() => env.step(new Float32Array(3)), /theirs/);
    assert.deepEqual([...env.truncated], [1, 1, 1]);
  });

  it('refuses actions of another class, forged ones and those of another length', () => {
    const env = made({});
    env.reset();
    const forged = Object.create(Float32Array.prototype) as Float32Array;
    const lying = Object.defineProperty(new Float32Array(2), 'length', { value: 3 });
    const wrong = [forged, new Proxy(new Float32Array(3), {}), lying, new Float32Array(2), new Float32Array(4)];
    for (const actions of [...wrong, new Int32Array(3), [0, 0, 0], null, undefined]) {
      assert.throws(() => env.step(actions as Float32Array), {
        code: 'ERR_ARGUMENT',
        message: /actions \[3 slots × 1\]/,
      });
    }
    env.step(new Float32Array(new SharedArrayBuffer(12)));
    assert.equal(env.observations[1], 1);
  });

  it('tells all that is wrong with a definition', () => {
    const refused = (changes: object, code: string, message: RegExp) =>
      assert.throws(() => counter(changes as object), { code, message });
    refused({ stepp() {} }, 'ERR_NOT_FOUND', /"stepp".*"step"/);
    refused(
      { maxEpisodeSteps: Infinity, stateSize: 0, start: 7 },
      'ERR_ARGUMENT',
      /maxEpisodeSteps.*stateSize.*start|stateSize.*start/,
    );
    for (const maxEpisodeSteps of [Infinity, 0, 1.5, 2 ** 31, Number.NaN, '5']) {
      refused({ maxEpisodeSteps }, 'ERR_ARGUMENT', /maxEpisodeSteps/);
    }
    refused({ action: box([1], 0, 255, 'uint8') }, 'ERR_ARGUMENT', /uint8/);
    refused({ action: { ...box([1]), low: Float32Array.of(2), high: Float32Array.of(1) } }, 'ERR_ARGUMENT', /2 … 1/);
    assert.throws(() => counter({ stateSize: 2 ** 40, observe() {} }).make(2), { code: 'ERR_MEMORY' });
    refused({ action: undefined }, 'ERR_ARGUMENT', /action/);
    refused({ observation: box([2], 0, 255, 'uint8') }, 'ERR_ARGUMENT', /observe/);
    refused({ observation: 3 }, 'ERR_ARGUMENT', /observe/);
    refused({ observationScaling: { offset: 0, scale: 0, clip: 5 } }, 'ERR_ARGUMENT', /scales above 0/);
    refused({ observationScaling: { offset: new Float32Array(3), scale: 1, clip: 5 } }, 'ERR_ARGUMENT', /or 2/);
    refused({ parameters: { cost: () => 1 } }, 'ERR_ARGUMENT', /"cost" is a function/);
    assert.notEqual(
      counter({ parameters: { a: Float64Array.of(1) } }).spec.modelHash,
      counter({ parameters: { a: Float64Array.of(2) } }).spec.modelHash,
    );
    assert.notEqual(
      counter({ parameters: { a: Number.NaN } }).spec.modelHash,
      counter({ parameters: { a: null } }).spec.modelHash,
    );
  });

  it('takes observations of bytes that it writes itself', () => {
    const env = made({
      observation: box([2], 0, 255, 'uint8'),
      observe: (state, observations, first, end) => {
        for (let i = 2 * first; i < 2 * end; i++) observations[i] = 100 * state[i];
      },
    });
    env.reset();
    assert.ok(env.observations instanceof Uint8Array);
    env.restore(env.snapshot([0]), [2]);
    assert.equal(env.observations[4], env.observations[0]);
  });
});

describe('spaces', () => {
  it('refuse what is no shape, no bound, no size', () => {
    for (const make of [
      () => box([1], 1, -1),
      // Lists that say they are four thousand million long: refused before they are copied.
      () => box(new Array<number>(2 ** 32 - 1)),
      () => box([1], new Array<number>(2 ** 32 - 1)),
      () => box([1], Number.NaN),
      () => box([2], [0, 3], [1, 2]),
      () => box([2], [0]),
      () => box([-1]),
      () => box([1.5]),
      () => box([2 ** 20, 2 ** 20]),
      () => makeActions(box([1]), -1),
      () => makeActions(box([1]), 2 ** 40),
      () => box([1], -1, 1, 'uint8'),
      () => box([1], 0, 256, 'uint8'),
      () => box([1], 0, 1, 'int8' as 'uint8'),
      () => discrete(),
      () => discrete(0),
      () => discrete(2.5),
    ]) {
      assert.throws(make, { code: 'ERR_ARGUMENT' });
    }
    assert.deepEqual([...box([1], undefined, undefined, 'uint8').high], [255]);
  });
});

describe('snapshots of an earlier release', () => {
  it('are refused with a word about it, in memory and as bytes', () => {
    const env = made({});
    env.reset();
    const old = { ...env.snapshot(), version: 1 };
    const refusal = { code: 'ERR_SNAPSHOT', message: /version 1; expected version 2.*earlier release/ };
    assert.throws(() => env.restore(old, [0, 1, 2]), refusal);
    assert.throws(() => deserializeSnapshot(serializeSnapshot(old)), refusal);
  });
});

describe('gathered snapshots', () => {
  it('refuse rows that are not there and snapshots that do not belong together', () => {
    const env = made({});
    env.reset();
    const [a, b] = [env.snapshot(), env.snapshot([1])];
    const both = gatherSnapshot([a, b], [1, 0, 0], [0, 2, 1]);
    env.restore(both, [0, 1, 2]);
    for (const [from, rows] of [
      [[], []],
      [[0], [3]],
      [[1], [1]],
      [[2], [0]],
      [[0], [-1]],
      [[0], [0.5]],
      [[0, 0], [0]],
    ] as const) {
      assert.throws(() => gatherSnapshot([a, b], from, rows), { code: 'ERR_ARGUMENT' });
    }
    const other = made({ parameters: { other: true } });
    other.reset();
    assert.throws(() => gatherSnapshot([a, other.snapshot()], [0, 1], [0, 0]), { code: 'ERR_SNAPSHOT' });
    const short = { ...b, parts: { ...b.parts, state: new Float64Array(1) } };
    assert.throws(() => gatherSnapshot([a, short], [0, 1], [0, 0]), { code: 'ERR_SNAPSHOT' });
  });
});
