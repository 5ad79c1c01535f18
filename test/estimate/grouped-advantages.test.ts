import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advantages, advantageUnit, estimatorSchema } from '../../src/estimate/advantages.js';
import { groupedAdvantages } from '../../src/estimate/grouped-advantages.js';
import { SinglePathSampler } from '../../src/rollout/paths.js';
import { countingEnv, gaussianPolicy, referencePolicy } from '../helpers/training.js';

test('advantages of groups are those of the whole batch, but for rounding', async () => {
  const policy = await referencePolicy(gaussianPolicy(2, [4], 1));
  const sampler = new SinglePathSampler(countingEnv(20), policy, { steps: 400, slots: 6, groups: 3 }, 1);
  const request = { seed: 5, iteration: 1 };
  const whole = structuredClone(await sampler.sample(request));
  const batch = await sampler.sampleGroups(request);
  for (const baseline of ['time', 'constant', 'none'] as const) {
    for (const scaling of ['std', 'standardize', 'none'] as const) {
      const options = estimatorSchema.parse({ discount: 0.97, baseline, scaling });
      const expected = advantages(whole, options);
      const { own, unit } = await groupedAdvantages(batch, options, 0);
      const found = own.flatMap((values) => [...values]);
      assert.equal(found.length, expected.length);
      // Sums of some hundred numbers of the size of 100, in another order.
      const close = (a: number, b: number) =>
        assert.ok(Math.abs(a - b) < 1e-10, `${baseline} ${scaling}: ${a}, not ${b}`);
      for (const [i, value] of found.entries()) close(value, expected[i]);
      close(unit, advantageUnit(expected, options));
    }
  }
  sampler.close();
  policy.engine.close();
});
