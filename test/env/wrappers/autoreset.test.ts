import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { autoreset } from '../../../src/env/wrappers/autoreset.js';
import type { VectorEnv } from '../../../src/index.js';
import { counter, toy } from './toy.js';

// Two slots of the counter: observation (count, step); the count 3 terminates, five steps truncate.
const ACTIONS = [
  [1, 0],
  [2, 0],
  [2, 0],
  [1, 0],
  [2, 0],
  [1, 1],
  [0, 2],
  [0, 2],
];
/** Observations of both slots, rewards, terminated, truncated. */
type Row = [number[], number[], number[], number[]];

describe('autoreset', () => {
  it('next-step: an ended slot shows its end, then a row that is no transition', () => {
    const env = autoreset(counter().make(2));
    assert.equal(env.mode, 'next-step');
    assert.deepEqual([...env.reset(0)], [0, 0, 0, 0]);
    const expected: Row[] = [
      [
        [1, 1, 0, 1],
        [1, 0],
        [0, 0],
        [0, 0],
      ],
      [
        [3, 2, 0, 2],
        [3, 0],
        [1, 0],
        [0, 0],
      ],
      [
        [0, 0, 0, 3],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      [
        [1, 1, 0, 4],
        [1, 0],
        [0, 0],
        [0, 0],
      ],
      [
        [3, 2, 0, 5],
        [3, 0],
        [1, 0],
        [0, 1],
      ],
      [
        [0, 0, 0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      [
        [0, 1, 2, 1],
        [0, 2],
        [0, 0],
        [0, 0],
      ],
      [
        [0, 2, 4, 2],
        [0, 4],
        [0, 1],
        [0, 0],
      ],
    ];
    for (const [t, actions] of ACTIONS.entries()) {
      const { observations, rewards, terminated, truncated, finalObservations } = env.step(Int32Array.from(actions));
      assert.deepEqual([[...observations], [...rewards], [...terminated], [...truncated]], expected[t], `step ${t}`);
      assert.equal(finalObservations, observations);
    }
    env.close();
  });

  it('same-step: an ended slot shows its new start, and its end apart', () => {
    const env = autoreset(counter().make(2), { mode: 'same-step' });
    env.reset(0);
    const expected: Row[] = [
      [
        [1, 1, 0, 1],
        [1, 0],
        [0, 0],
        [0, 0],
      ],
      [
        [0, 0, 0, 2],
        [3, 0],
        [1, 0],
        [0, 0],
      ],
      [
        [2, 1, 0, 3],
        [2, 0],
        [0, 0],
        [0, 0],
      ],
      [
        [0, 0, 0, 4],
        [3, 0],
        [1, 0],
        [0, 0],
      ],
      [
        [2, 1, 0, 0],
        [2, 0],
        [0, 0],
        [0, 1],
      ],
      [
        [0, 0, 1, 1],
        [3, 1],
        [1, 0],
        [0, 0],
      ],
      [
        [0, 1, 0, 0],
        [0, 3],
        [0, 1],
        [0, 0],
      ],
      [
        [0, 2, 2, 1],
        [0, 2],
        [0, 0],
        [0, 0],
      ],
    ];
    const ends: Record<number, [slot: number, observation: number[]]> = {
      1: [0, [3, 2]],
      3: [0, [3, 2]],
      4: [1, [0, 5]],
      5: [0, [3, 2]],
      6: [1, [3, 2]],
    };
    for (const [t, actions] of ACTIONS.entries()) {
      const { observations, rewards, terminated, truncated, finalObservations } = env.step(Int32Array.from(actions));
      assert.deepEqual([[...observations], [...rewards], [...terminated], [...truncated]], expected[t], `step ${t}`);
      if (ends[t] === undefined) continue;
      const [slot, end] = ends[t];
      assert.deepEqual([...finalObservations.subarray(2 * slot, 2 * slot + 2)], end, `end at step ${t}`);
    }
    env.close();
  });

  it('begins every episode by seed, slot and number: two runs are equal, in both modes the same starts', () => {
    const starts = (mode: 'next-step' | 'same-step', seed?: number) => {
      const env = autoreset(toy({ maxEpisodeSteps: 3 }).make(2), { mode });
      const list = [[...env.reset(seed)]];
      for (let t = 0; list.length < 4; t++) {
        const { observations, truncated } = env.step(new Float32Array(2));
        if (mode === 'same-step' ? truncated[0] : t % 4 === 3) list.push([...observations]);
      }
      list.push([...env.reset()], [...env.reset(seed)]);
      env.close();
      return list;
    };
    const list = starts('next-step', 5);
    assert.deepEqual(starts('same-step', 5), list);
    assert.notDeepEqual(starts('next-step', 6)[0], list[0]);
    assert.deepEqual(starts('next-step')[0], starts('next-step', 0)[0]);
    assert.equal(new Set(list.map(String)).size, 5, 'all differ but the first and the last');
    assert.deepEqual(list.at(-1), list[0]);
  });

  it('refuses steps before a reset, seeds, modes and environments that are none', () => {
    const env = counter().make(2);
    env.reset();
    const looped = autoreset(env);
    assert.throws(() => looped.step(new Int32Array(2)), { code: 'ERR_ARGUMENT', message: /reset/ });
    for (const seed of [-1, 0.5, Number.NaN, '1', null]) {
      assert.throws(() => looped.reset(seed as number), { code: 'ERR_ARGUMENT' });
    }
    assert.throws(() => looped.step(new Int32Array(2)), { code: 'ERR_ARGUMENT', message: /reset/ });
    looped.reset();
    assert.throws(() => looped.step(Int32Array.of(0, 9)), { code: 'ERR_ARGUMENT' });
    assert.throws(() => autoreset(env, { mode: 'disabled' } as object), { code: 'ERR_ARGUMENT' });
    assert.throws(() => autoreset(env, { modes: 'same-step' } as object), { code: 'ERR_NOT_FOUND' });
    for (const none of [null, {}, counter()]) {
      assert.throws(() => autoreset(none as VectorEnv), { code: 'ERR_ARGUMENT' });
    }
    looped.close();
    assert.throws(() => looped.reset(), { code: 'ERR_CLOSED' });
  });
});
