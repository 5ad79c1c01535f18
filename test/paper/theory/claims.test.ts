import assert from 'node:assert/strict';
import { test } from 'node:test';
import { majorizer, theorem1Bound } from '../../../paper/theory/bounds.js';
import { CLAIMS } from '../../../paper/theory/check-theory.js';
import { checkClaim } from '../../../paper/theory/claim.js';
import { claimInstances, counterexampleInstances } from '../../../paper/theory/claim-instances.js';
import { evaluatePolicy } from '../../../paper/theory/evaluation.js';
import { counterexampleMdp, counterexamplePolicy } from '../../../paper/theory/instances.js';
import { uniformPolicy } from '../../../paper/theory/policy.js';
import { localApproximation } from '../../../paper/theory/surrogate.js';

/** Statements of the paper that are wrong as printed. */
const WRONG = [
  'theorem-1-factor-2',
  'kl-bound-section-6',
  'theorem-1a-factor-2-signed',
  'theorem-1a-factor-4-signed',
  'mixture-printed',
  'geometric-sum-printed',
  'first-term-printed',
  'leading-term-sign',
  'gain-norm-1',
  'delta-norm-printed',
  'shift-norm-1',
];

const instances = claimInstances(120, 7);

for (const claim of CLAIMS) {
  const wrong = WRONG.includes(claim.id);
  test(`${claim.id} (${claim.equation}) ${wrong ? 'fails as printed' : 'holds'} over random problems`, () => {
    const verdict = checkClaim(claim, instances);
    assert.equal(verdict.verdict, wrong ? 'fails as printed' : 'holds', JSON.stringify(verdict));
    assert.equal(verdict.instances, 120 + 12 + 40);
    assert.ok(Number.isFinite(verdict.worstMargin));
  });
}

test('the six-state counterexample needs 4 (1 - gamma)^2 in Theorem 1, in closed form', () => {
  const discount = 0.05;
  const mdp = counterexampleMdp(discount);
  const old = evaluatePolicy(mdp, uniformPolicy(mdp));
  for (const shift of [0.01, 0.1, 0.25, 0.5]) {
    const policy = counterexamplePolicy(shift);
    const excess = evaluatePolicy(mdp, policy).eta - localApproximation(old, policy);
    assert.ok(Math.abs(excess - 4 * discount ** 2 * shift ** 2) < 1e-15);
    const needed = (4 * excess) / (theorem1Bound(old, policy, 4) - localApproximation(old, policy));
    assert.ok(Math.abs(needed - 4 * (1 - discount) ** 2) < 1e-9, `needs ${needed}`);
    assert.ok(majorizer(old, policy) >= evaluatePolicy(mdp, policy).eta, 'Eq. 10 holds');
  }
});

test('no factor below 4 would do in Theorem 1: the counterexample comes as near to it as one likes', () => {
  const four = CLAIMS.find(({ id }) => id === 'theorem-1-factor-4')!;
  const { largestNeeded, verdict } = checkClaim(four, counterexampleInstances());
  assert.equal(verdict, 'holds');
  assert.ok(largestNeeded! > 3.99 && largestNeeded! < 4);
});

test('the instances differ: all kinds of pairs, discounts and sizes are among them', () => {
  assert.equal(new Set(instances.map(({ name }) => name)).size, instances.length);
  assert.ok(new Set(instances.map(({ old }) => old.mdp.discount)).size >= 5);
  assert.ok(new Set(instances.map(({ old }) => old.mdp.states)).size >= 7);
});
