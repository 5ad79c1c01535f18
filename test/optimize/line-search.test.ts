import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineSearch, lineSearchSchema } from '../../src/optimize/line-search.js';

const defaults = lineSearchSchema.parse({});
/** Along a fraction f: improvement, KL as a quadratic of f that reaches `kl` at the full step, twice that at most. */
const path = (improvement: (f: number) => number, kl: number) => async (f: number) => ({
  objective: 5 + improvement(f),
  meanKl: kl * f * f,
  maxKl: 2 * kl * f * f,
});

test('takes the full step when it improves within the limit', async () => {
  const result = await lineSearch(
    path((f) => f, 0.01),
    5,
    1,
    0.01,
    defaults,
  );
  assert.deepEqual([result.fraction, result.evaluations, result.objective, result.meanKl], [1, 1, 6, 0.01]);
});

test('halves until the KL divergence fits', async () => {
  const result = await lineSearch(
    path((f) => f, 0.1),
    5,
    1,
    0.01,
    defaults,
  );
  assert.equal(result.fraction, 0.25);
  assert.equal(result.evaluations, 3);
});

test('halves until the objective improves by a tenth of the promise', async () => {
  const result = await lineSearch(
    path((f) => 1.02 * f - f * f, 0.001),
    5,
    1.02,
    0.01,
    defaults,
  );
  assert.equal(result.fraction, 0.5);
  const anyImprovement = { ...defaults, ratioTest: false };
  const lenient = await lineSearch(
    path((f) => 1.02 * f - f * f, 0.001),
    5,
    1.02,
    0.01,
    anyImprovement,
  );
  assert.equal(lenient.fraction, 1);
});

test('stays after ten tries', async () => {
  let tries = 0;
  const result = await lineSearch(
    async (f) => {
      tries++;
      return { objective: 5 - f, meanKl: 0, maxKl: 0 };
    },
    5,
    1,
    0.01,
    defaults,
  );
  assert.deepEqual([result.fraction, result.objective, tries], [0, 5, 10]);
});

test('the KL test is an option: multiple of the limit, maximum over states, none', async () => {
  const twice = { ...defaults, klLimitMultiple: 2 };
  assert.equal(
    (
      await lineSearch(
        path((f) => f, 0.019),
        5,
        1,
        0.01,
        twice,
      )
    ).fraction,
    1,
  );
  const max = { ...defaults, klMeasure: 'max' as const };
  assert.equal(
    (
      await lineSearch(
        path((f) => f, 0.009),
        5,
        1,
        0.01,
        max,
      )
    ).fraction,
    0.5,
  );
  const none = { ...defaults, klMeasure: 'none' as const };
  assert.equal(
    (
      await lineSearch(
        path((f) => f, 9),
        5,
        1,
        0.01,
        none,
      )
    ).fraction,
    1,
  );
});

test('figures that are not numbers are never accepted', async () => {
  const nan = async () => ({ objective: Number.NaN, meanKl: 0, maxKl: 0 });
  assert.equal((await lineSearch(nan, 5, 1, 0.01, defaults)).fraction, 0);
  const nanKl = async () => ({ objective: 9, meanKl: Number.NaN, maxKl: 0 });
  assert.equal((await lineSearch(nanKl, 5, 1, 0.01, defaults)).fraction, 0);
});
