import assert from 'node:assert/strict';
import { test } from 'node:test';
import { relativeEntropy, repsWeights } from '../../src/optimize/reps-dual.js';
import { testDraws } from '../helpers/training.js';

test('relative entropy: none of even weights, the logarithm of their number of a single one', () => {
  assert.equal(relativeEntropy(new Float64Array(8).fill(3)), 0);
  assert.equal(relativeEntropy(Float64Array.of(0, 5, 0, 0)), Math.log(4));
});

/** Falls of random length, paid for every step that is no fall: the dual has no minimum, since a fall is a last step. */
function falls(seed: number) {
  const draw = testDraws(seed);
  const lengths = Array.from({ length: 40 }, () => 5 + Math.floor(20 * Math.abs(draw())));
  const states = lengths.reduce((a, b) => a + b, 0);
  const offsets = new Int32Array(41);
  lengths.forEach((length, path) => {
    offsets[path + 1] = offsets[path] + length;
  });
  const rewards = new Float32Array(states).fill(10);
  for (const end of offsets.subarray(1)) rewards[end - 1] = draw();
  return {
    states,
    observations: Float32Array.from({ length: 3 * states }, draw),
    rewards,
    timeIndex: Int32Array.from(lengths.flatMap((length) => Array.from({ length }, (_, time) => time))),
    episodes: { offsets },
  };
}

for (const epsilon of [0.01, 0.5]) {
  test(`the weights' relative entropy keeps to ${epsilon}, and makes use of it`, async () => {
    for (let seed = 0; seed < 5; seed++) {
      const weights = await repsWeights(falls(seed), { epsilon, initialTemperature: 15, evaluations: 50 });
      const entropy = relativeEntropy(weights!);
      assert.ok(entropy <= epsilon && entropy > 0.5 * epsilon, `${entropy}`);
      assert.equal(Math.max(...weights!), 1);
    }
  });
}

test('errors that are not finite have no weights', async () => {
  const samples = falls(0);
  samples.rewards[3] = Number.NaN;
  const options = { epsilon: 0.5, initialTemperature: 15, evaluations: 50 };
  assert.equal(await repsWeights(samples, options), null);
});
