import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generalizedAdvantages } from '../../src/estimate/gae.js';

const paths = {
  rewards: [1, 2, 3, 4, 5],
  episodes: { offsets: Int32Array.of(0, 3, 5), terminated: Uint8Array.of(1, 0) },
};
const estimates = { values: [0.5, -1, 2, 0.25, 3], finalValues: [7, 11] };

/** Eq. 16 as printed: a sum over all later one-step differences of the episode. */
function bySums(discount: number, lambda: number): number[] {
  const { rewards, episodes } = paths;
  const { offsets, terminated } = episodes;
  const { values, finalValues } = estimates;
  return rewards.map((_, t) => {
    const episode = t < offsets[1] ? 0 : 1;
    const end = offsets[episode + 1];
    let sum = 0;
    for (let k = t; k < end; k++) {
      const next = k + 1 < end ? values[k + 1] : terminated[episode] ? 0 : finalValues[episode];
      sum += (discount * lambda) ** (k - t) * (rewards[k] + discount * next - values[k]);
    }
    return sum;
  });
}

test('the recursion is the printed sum', () => {
  for (const [discount, lambda] of [
    [0.99, 0.95],
    [0.9, 0],
    [1, 1],
    [0.5, 0.3],
  ] as const) {
    const expected = bySums(discount, lambda);
    generalizedAdvantages(paths, estimates, { discount, lambda }).forEach((a, t) => {
      assert.ok(Math.abs(a - expected[t]) < 1e-12);
    });
  }
});

test('λ = 1 is the return less the value, continued where the episode was cut', () => {
  const advantages = generalizedAdvantages(paths, estimates, { discount: 1, lambda: 1 });
  assert.deepEqual([...advantages], [6 - 0.5, 5 + 1, 3 - 2, 9 + 11 - 0.25, 5 + 11 - 3]);
});

test('what does not fit is refused', () => {
  const options = { discount: 0.9, lambda: 0.9 };
  assert.throws(() => generalizedAdvantages(paths, { ...estimates, values: [1] }, options), /values is 1; expected 5/);
  assert.throws(() => generalizedAdvantages(paths, { ...estimates, finalValues: [1] }, options), /finalValues/);
  assert.throws(() => generalizedAdvantages(paths, estimates, { ...options, lambda: 2 }), /lambda 2; expected 0 … 1/);
});
