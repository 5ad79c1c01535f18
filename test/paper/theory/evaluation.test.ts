import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluatePolicy, stateDistributions } from '../../../paper/theory/evaluation.js';
import { counterexampleMdp, drawsOf, garnetMdp, gridMdp, randomPolicy } from '../../../paper/theory/instances.js';
import { dot, identity, inverse, multiply } from '../../../paper/theory/linear-algebra.js';
import { defineMdp } from '../../../paper/theory/mdp.js';
import { klDivergence, softmaxDerivative, softmaxPolicy, uniformPolicy } from '../../../paper/theory/policy.js';
import { etaDerivative, localApproximation } from '../../../paper/theory/surrogate.js';
import type { TrellisError } from '../../../src/base/errors.js';
import { Purpose, streamKey } from '../../../src/base/random.js';

const draws = drawsOf(streamKey(1, Purpose.scratch));

test('the inverse of random matrices, with pivoting where the diagonal is zero', () => {
  for (const n of [1, 2, 5, 20]) {
    const a = Float64Array.from({ length: n * n }, (_, i) => (n > 1 && i % (n + 1) === 0 ? 0 : draws.normal()));
    const product = multiply(a, inverse(a, n), n);
    assert.ok(identity(n).every((value, i) => Math.abs(product[i] - value) < 1e-9));
  }
});

test('a two-state chain by hand: V, Q, A, visitation, eta', () => {
  // State 0 stays (action 0) or moves (action 1) to state 1, which is absorbing; c = (1, 0), gamma = 1/2.
  const mdp = defineMdp({
    states: 2,
    actions: 2,
    transitions: Float64Array.of(1, 0, 0, 1, 0, 1, 0, 1),
    cost: Float64Array.of(1, 0),
    start: Float64Array.of(1, 0),
    discount: 0.5,
  });
  const { value, actionValue, advantage, visitation, eta } = evaluatePolicy(mdp, uniformPolicy(mdp));
  const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-15, `${a} ${b}`);
  close(value[0], 4 / 3);
  close(value[1], 0);
  close(actionValue[0], 1 + 0.5 * (4 / 3));
  close(actionValue[1], 1);
  close(advantage[1], -1 / 3);
  close(visitation[0], 4 / 3);
  close(visitation[1], 2 - 4 / 3);
  close(eta, 4 / 3);
});

test('Bellman equations, visitation mass and eta over time on random problems', () => {
  for (let i = 0; i < 50; i++) {
    const mdp = garnetMdp(draws, { states: 6, actions: 3, branching: 2, discount: 0.9 });
    const policy = randomPolicy(draws, mdp);
    const { value, actionValue, advantage, visitation, eta, ...rest } = evaluatePolicy(mdp, policy);
    for (let s = 0; s < 6; s++) {
      const row = policy.subarray(3 * s, 3 * s + 3);
      assert.ok(Math.abs(dot(row, actionValue.subarray(3 * s, 3 * s + 3)) - value[s]) < 1e-12);
      assert.ok(Math.abs(dot(row, advantage.subarray(3 * s, 3 * s + 3))) < 1e-12);
    }
    assert.ok(Math.abs(visitation.reduce((sum, v) => sum + v, 0) - 10) < 1e-11);
    const whole = { value, actionValue, advantage, visitation, eta, ...rest };
    const overTime = stateDistributions(whole, 400).reduce((sum, d, t) => sum + 0.9 ** t * dot(mdp.cost, d), 0);
    assert.ok(Math.abs(overTime - eta) < 1e-11);
    assert.ok(Math.abs(dot(mdp.start, value) - eta) < 1e-12);
  }
});

test('the grid without slip: cost to go is the discounted number of moves to the goal under the best policy', () => {
  const mdp = gridMdp({ width: 3, height: 2, slip: 0, discount: 0.9 });
  const rightThenDown = new Float64Array(24);
  for (let s = 0; s < 6; s++) rightThenDown[4 * s + (s % 3 < 2 ? 1 : 3)] = 1;
  const { eta } = evaluatePolicy(mdp, rightThenDown);
  assert.ok(Math.abs(eta - (1 + 0.9 + 0.81)) < 1e-12);
});

test('gradients: eta and L against central differences of softmax policies', () => {
  const mdp = garnetMdp(draws, { states: 5, actions: 3, branching: 3, discount: 0.8 });
  for (let i = 0; i < 20; i++) {
    const theta = Float64Array.from({ length: 15 }, () => draws.normal());
    const v = Float64Array.from({ length: 15 }, () => draws.normal());
    const at = (t: number) =>
      softmaxPolicy(
        theta.map((value, j) => value + t * v[j]),
        3,
      );
    const old = evaluatePolicy(mdp, at(0));
    const exact = etaDerivative(old, softmaxDerivative(old.policy, v, 3));
    const h = 1e-4;
    const ofEta = (evaluatePolicy(mdp, at(h)).eta - evaluatePolicy(mdp, at(-h)).eta) / (2 * h);
    const ofL = (localApproximation(old, at(h)) - localApproximation(old, at(-h))) / (2 * h);
    // Truncation h^2 times third derivatives of order 100, rounding 1e-15 / h.
    assert.ok(Math.abs(ofEta - exact) < 1e-6, `${ofEta} ${exact}`);
    assert.ok(Math.abs(ofL - exact) < 1e-6, `${ofL} ${exact}`);
    const gap = (t: number) => Math.abs(evaluatePolicy(mdp, at(t)).eta - localApproximation(old, at(t)));
    assert.ok(gap(1e-3) <= 0.3 * gap(2e-3) + 1e-12, 'eta - L vanishes to second order');
  }
});

test('KL divergence: known value, zero, missing support, digits at tiny distances', () => {
  assert.ok(
    Math.abs(klDivergence(Float64Array.of(0.5, 0.5), Float64Array.of(0.25, 0.75)) - 0.5 * Math.log(4 / 3)) < 1e-15,
  );
  assert.equal(klDivergence(Float64Array.of(0, 1), Float64Array.of(0, 1)), 0);
  assert.equal(klDivergence(Float64Array.of(0.5, 0.5), Float64Array.of(0, 1)), Infinity);
  const tiny = 2 ** -30;
  const kl = klDivergence(Float64Array.of(0.5, 0.5), Float64Array.of(0.5 + tiny, 0.5 - tiny));
  assert.ok(Math.abs(kl / (2 * tiny ** 2) - 1) < 1e-6);
});

test('malformed problems and policies are typed errors that name the part', () => {
  const mdp = counterexampleMdp();
  const refuses = (make: () => unknown, part: RegExp) =>
    assert.throws(make, (error: TrellisError) => error.code === 'ERR_ARGUMENT' && part.test(error.message));
  refuses(() => defineMdp({ ...mdp, discount: 1 }), /discount/);
  refuses(() => defineMdp({ ...mdp, cost: new Float64Array(5) }), /cost/);
  refuses(() => defineMdp({ ...mdp, cost: new Float64Array(6).fill(NaN) }), /cost/);
  refuses(() => defineMdp({ ...mdp, start: new Float64Array(6) }), /start/);
  refuses(() => defineMdp({ ...mdp, transitions: mdp.transitions.map((p) => -p) }), /transitions/);
  refuses(() => evaluatePolicy(mdp, new Float64Array(12).fill(0.4)), /policy/);
  refuses(() => evaluatePolicy(mdp, new Float64Array(11)), /policy/);
  refuses(() => garnetMdp(draws, { states: 3, actions: 2, branching: 4, discount: 0.5 }), /branching/);
});
