import assert from 'node:assert/strict';
import { test } from 'node:test';
import { majorizer, penaltyCoefficient } from '../../../paper/theory/bounds.js';
import { drawCoupled, maximalCoupling } from '../../../paper/theory/coupling.js';
import { evaluatePolicy } from '../../../paper/theory/evaluation.js';
import { drawsOf, garnetMdp, gridMdp, randomPolicy } from '../../../paper/theory/instances.js';
import { penalisedMinimum } from '../../../paper/theory/penalised-minimum.js';
import {
  greedyPolicy,
  klDivergences,
  maxKl,
  mixture,
  totalVariation,
  uniformPolicy,
} from '../../../paper/theory/policy.js';
import {
  conservativePolicyIteration,
  exactPolicyIteration,
  penalisedPolicyIteration,
} from '../../../paper/theory/policy-iteration.js';
import { localApproximation } from '../../../paper/theory/surrogate.js';
import { Purpose, streamKey } from '../../../src/base/random.js';

const draws = drawsOf(streamKey(2, Purpose.scratch));
const garnet = (discount: number) => garnetMdp(draws, { states: 5, actions: 3, branching: 3, discount });

test('exact policy iteration finds the optimum of the grid: walking to the goal', () => {
  const mdp = gridMdp({ width: 4, height: 3, slip: 0, discount: 0.9 });
  const { eta } = exactPolicyIteration(mdp, uniformPolicy(mdp)).at(-1)!;
  assert.ok(Math.abs(eta - (1 - 0.9 ** 5) / 0.1) < 1e-9);
});

test('conservative policy iteration and Algorithm 1 fall monotonically towards the optimum at a small discount', () => {
  for (let i = 0; i < 10; i++) {
    const mdp = garnet(0.1);
    const start = uniformPolicy(mdp);
    const best = exactPolicyIteration(mdp, start).at(-1)!.eta;
    for (const iterate of [conservativePolicyIteration, penalisedPolicyIteration]) {
      const etas = iterate(mdp, start, 60).map(({ eta }) => eta);
      assert.ok(etas.slice(1).every((eta, k) => eta <= etas[k] + 1e-13));
      assert.ok(etas.at(-1)! - best <= 0.2 * (etas[0] - best) + 1e-12, `${etas[0]} ${etas.at(-1)} ${best}`);
    }
  }
});

test('the update of Algorithm 1 solves its problem: stationary along every mixture, divergences equal where active', () => {
  for (const discount of [0.1, 0.5, 0.9, 0.99]) {
    const mdp = garnet(discount);
    const old = evaluatePolicy(mdp, randomPolicy(draws, mdp));
    const update = penalisedMinimum(old, penaltyCoefficient(old));
    const least = majorizer(old, update);
    assert.ok(least < old.eta);
    const kl = klDivergences(old.policy, update, mdp.actions);
    assert.ok(
      kl.every((value) => Math.abs(value / Math.max(...kl) - 1) < 1e-5),
      `${[...kl]}`,
    );
    const rivals = [old.policy, greedyPolicy(old.advantage, mdp.actions), randomPolicy(draws, mdp)];
    for (const rival of rivals) {
      for (const weight of [1e-6, 1e-4, 1e-2]) {
        assert.ok(majorizer(old, mixture(update, rival, weight)) >= least - 1e-13);
      }
    }
  }
});

test('the penalty decides the size of the step: none is greedy, a huge one stays', () => {
  const mdp = garnet(0.9);
  const old = evaluatePolicy(mdp, uniformPolicy(mdp));
  const greedy = localApproximation(old, greedyPolicy(old.advantage, mdp.actions));
  assert.ok(Math.abs(localApproximation(old, penalisedMinimum(old, 0)) - greedy) < 1e-6);
  const divergences = [1, 1e3, 1e6].map((c) => maxKl(old.policy, penalisedMinimum(old, c), mdp.actions));
  assert.ok(divergences[0] > divergences[1] && divergences[1] > divergences[2] && divergences[2] < 1e-8);
});

test('a policy with nothing to gain keeps still', () => {
  const mdp = { ...garnet(0.9), cost: new Float64Array(5).fill(2) };
  const old = evaluatePolicy(mdp, uniformPolicy(mdp));
  const update = penalisedMinimum(old, penaltyCoefficient(old));
  assert.ok(maxKl(old.policy, update, mdp.actions) < 1e-12 || Math.abs(majorizer(old, update) - old.eta) < 1e-12);
});

test('the coupling: exact marginals, and drawn pairs differ as often as the total variation says', () => {
  const p = draws.simplex(4);
  const q = draws.simplex(4);
  const joint = maximalCoupling(p, q);
  const distance = totalVariation(p, q);
  const count = 20000;
  const seen = new Float64Array(16);
  let different = 0;
  for (let i = 0; i < count; i++) {
    const { x, y, equal } = drawCoupled(p, q, draws);
    seen[4 * x + y] += 1 / count;
    if (!equal) different++;
    assert.equal(equal, x === y);
  }
  // Five standard deviations of a frequency.
  assert.ok(Math.abs(different / count - distance) < 5 * Math.sqrt((distance * (1 - distance)) / count));
  assert.ok(joint.every((value, i) => Math.abs(seen[i] - value) < 5 * Math.sqrt((value * (1 - value)) / count) + 1e-9));
});

test('equal distributions couple without ever differing', () => {
  const p = Float64Array.of(0.25, 0.75, 0);
  assert.deepEqual([...maximalCoupling(p, p)], [0.25, 0, 0, 0, 0.75, 0, 0, 0, 0]);
  assert.equal(drawCoupled(p, p, draws).equal, true);
});
