import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clippedSurrogate } from '../../src/optimize/clipped-surrogate.js';
import { importanceSampledSurrogate } from '../../src/optimize/objectives.js';
import { makeDistribution } from '../../src/policy/distribution.js';

const gaussian = makeDistribution({ kind: 'gaussian', dimensions: 2 });
const categorical = makeDistribution({ kind: 'categorical', sizes: [3] });
const COUNT = 40;

/** Actions drawn from one set of distribution parameters, to be judged at another. */
function drawn(distribution: typeof gaussian) {
  const { distParamSize: m } = distribution;
  const old = Float32Array.from({ length: COUNT * m }, (_, i) => 0.3 * Math.sin(i));
  const actions = distribution.makeActions(COUNT);
  const logQ = new Float32Array(COUNT);
  const keys = Uint32Array.from({ length: 2 * COUNT }, (_, i) => i);
  distribution.sample(old, keys, new Int32Array(COUNT), actions, logQ);
  const current = old.map((value, i) => value + 0.25 * Math.cos(3 * i));
  const advantages = Float64Array.from(logQ, (_, i) => Math.sin(7 * i + 1));
  return { old, current, set: { actions, logQ }, advantages };
}

for (const [name, distribution] of [
  ['gaussian', gaussian],
  ['categorical', categorical],
] as const) {
  describe(`clipped surrogate, ${name}`, () => {
    const { old, current, set, advantages } = drawn(distribution);

    test('is Eq. 7, written out', async () => {
      const logProb = distribution.logProb(current, set.actions);
      let expected = 0;
      let clipped = 0;
      for (let i = 0; i < COUNT; i++) {
        const ratio = Math.exp(logProb[i] - set.logQ[i]);
        const held = ratio < 0.8 ? 0.8 : ratio > 1.2 ? 1.2 : ratio;
        const [plain, other] = [ratio * advantages[i], held * advantages[i]];
        expected += Math.min(plain, other) / COUNT;
        if (other < plain) clipped++;
      }
      const objective = clippedSurrogate(distribution, set, advantages, 0.2);
      assert.ok(Math.abs((await objective.value(current)) - expected) < 1e-12);
      assert.ok(clipped > 3 && clipped < COUNT - 3, `${clipped} are clipped`);
      assert.equal(objective.clipFraction(current), clipped / COUNT);
    });

    test('its cotangents are the derivative of its value', async () => {
      // Differences are of no use across a kink: the bound among many that is furthest from all ratios.
      const ratios = distribution.logProb(current, set.actions).map((logProb, i) => Math.exp(logProb - set.logQ[i]));
      const room = (clip: number) => Math.min(...ratios.map((ratio) => Math.abs(Math.abs(ratio - 1) - clip)));
      const clips = Array.from({ length: 100 }, (_, i) => 0.1 + i / 500);
      const clip = clips.reduce((best, other) => (room(other) > room(best) ? other : best));
      const objective = clippedSurrogate(distribution, set, advantages, clip);
      assert.ok(room(clip) > 0.005 && objective.clipFraction(current) > 0.05);
      const gradient = await objective.cotangents(current);
      // Central differences in single precision parameters: 2^-10 is exact, their third derivatives are of order 1.
      const h = 2 ** -10;
      for (let i = 0; i < current.length; i++) {
        const at = (value: number) => objective.value(current.map((x, j) => (j === i ? value : x)));
        const difference = ((await at(current[i] + h)) - (await at(current[i] - h))) / (2 * h);
        assert.ok(Math.abs(difference - gradient[i]) < 1e-4, `${i}: ${difference}, ${gradient[i]}`);
      }
    });

    test('where nothing is clipped it is the surrogate of Eq. 14', async () => {
      const [wide, plain] = [
        clippedSurrogate(distribution, set, advantages, 100),
        importanceSampledSurrogate(distribution, set, advantages),
      ];
      assert.equal(clippedSurrogate(distribution, set, advantages, 0.2).clipFraction(old), 0);
      assert.ok(Math.abs((await wide.value(current)) - (await plain.value(current))) < 1e-12);
      assert.deepEqual(await wide.cotangents(current), await plain.cotangents(current));
    });
  });
}

test('bad arguments are named', () => {
  const { set, advantages } = drawn(gaussian);
  const refused = (body: () => unknown, message: RegExp) => assert.throws(body, { code: 'ERR_ARGUMENT', message });
  for (const clip of [0, -1, Number.NaN]) refused(() => clippedSurrogate(gaussian, set, advantages, clip), /clip/);
  refused(() => clippedSurrogate(gaussian, set, advantages.subarray(1), 0.2), /advantages/);
  refused(() => clippedSurrogate(gaussian, { ...set, logQ: set.logQ.subarray(1) }, advantages, 0.2), /logQ/);
});
