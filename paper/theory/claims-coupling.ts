import { alphaOf, atMost, type Claim, equal, type Instance, type Outcome, scaleOf, worst } from './claim.js';
import { coupledProcess, maximalCoupling } from './coupling.js';
import { evaluatePolicy, expectedAdvantage, maxAdvantage, stateDistributions } from './evaluation.js';
import { dot, maxAbs } from './linear-algebra.js';
import { mixture, totalVariation } from './policy.js';
import { localApproximation } from './surrogate.js';

/** Time steps over which the coupled process is followed. */
const HORIZON = 30;

/** sum_t gamma^t 2 epsilon (1 - (1 - alpha)^t), summed term by term. */
function geometricSum(gamma: number, alpha: number): number {
  let sum = 0;
  for (let t = 0, weight = 1; weight > 1e-18; t++, weight *= gamma) sum += weight * 2 * (1 - (1 - alpha) ** t);
  return sum;
}

/** Appendix A: the coupling and the two proofs built on it. */
export const COUPLING_CLAIMS: readonly Claim[] = [
  {
    id: 'coupling',
    equation: 'App. A (i), (ii)',
    statement: 'the construction has the right marginals and P(a != a~) = D_TV in every state',
    form: 'printed',
    check({ old, other }) {
      const { states, actions } = old.mdp;
      const outcomes = Array.from({ length: states }, (_, s): Outcome => {
        const p = old.policy.subarray(s * actions, (s + 1) * actions);
        const q = other.subarray(s * actions, (s + 1) * actions);
        const joint = maximalCoupling(p, q);
        const x = p.map((_, a) => joint.subarray(a * actions, (a + 1) * actions).reduce((sum, v) => sum + v, 0));
        const y = q.map((_, b) => joint.reduce((sum, v, i) => (i % actions === b ? sum + v : sum), 0));
        const diagonal = p.reduce((sum, _, a) => sum + joint[a * actions + a], 0);
        return worst([equal(x, p, 1), equal(y, q, 1), equal(1 - diagonal, totalVariation(p, q), 1)]);
      });
      return worst(outcomes);
    },
  },
  {
    id: 'coupling-count',
    equation: 'Eq. 29',
    statement: 'P(c_t >= 1) <= 1 - (1 - alpha)^t for the coupled process (exact, t < 30)',
    form: 'printed',
    check(instance) {
      const { agreed } = coupledProcess(instance.old.mdp, instance.old.policy, instance.other, HORIZON);
      const alpha = alphaOf(instance);
      return worst([...agreed].map((p, t) => atMost(1 - p, 1 - (1 - alpha) ** t, 1)));
    },
  },
  {
    id: 'expected-advantage',
    equation: 'Eq. 29, general policies',
    statement: '|sum pi~ A| <= 2 alpha epsilon in every state, epsilon = max |A|: where the factor 4 comes from',
    form: 'corrected',
    check(instance) {
      const { old, other } = instance;
      return atMost(
        maxAbs(expectedAdvantage(old, other)),
        2 * alphaOf(instance) * maxAdvantage(old),
        scaleOf(instance),
      );
    },
  },
  {
    id: 'mixture-printed',
    equation: 'App. A, the mixture',
    statement:
      "pi_new = pi_old + pi' is a policy: its probabilities add up to 1 (the weights 1 - alpha, alpha are missing)",
    form: 'printed',
    check({ old, direction }) {
      const sum = old.policy.map((p, i) => p + direction[i]);
      return equal(
        sum.subarray(0, old.mdp.actions).reduce((total, p) => total + p, 0),
        1,
        1,
      );
    },
  },
  {
    id: 'expected-advantage-mixture',
    equation: 'Eq. 29, sharpened',
    statement: 'mixtures: |A-bar| <= alpha epsilon, not only epsilon: the second factor alpha of Eq. 6',
    form: 'corrected',
    check(instance) {
      const { old, direction, alpha } = instance;
      const epsilon = maxAbs(expectedAdvantage(old, direction));
      const advantage = expectedAdvantage(old, mixture(old.policy, direction, alpha));
      return atMost(maxAbs(advantage), alpha * epsilon, scaleOf(instance));
    },
  },
  ...[false, true].map(
    (sharp): Claim => ({
      id: sharp ? 'advantage-shift-mixture-sharp' : 'advantage-shift-mixture',
      equation: sharp ? 'Eq. 30, sharpened' : 'Eq. 30',
      statement: `mixtures: E[A-bar(s_t)] under new exceeds that under old by at most 2 ${sharp ? 'alpha ' : ''}epsilon (1 - (1 - alpha)^t)`,
      form: sharp ? 'corrected' : 'printed',
      check(instance) {
        const { old, direction, alpha } = instance;
        const epsilon = maxAbs(expectedAdvantage(old, direction));
        const size = 2 * epsilon * (sharp ? alpha : 1);
        return advantageShift(instance, mixture(old.policy, direction, alpha), size, alpha);
      },
    }),
  ),
  {
    id: 'advantage-shift',
    equation: 'Eq. 30, general policies',
    statement: 'the same for coupled policies with 4 alpha epsilon (1 - (1 - alpha)^t)',
    form: 'corrected',
    check(instance) {
      const alpha = alphaOf(instance);
      return advantageShift(instance, instance.other, 4 * alpha * maxAdvantage(instance.old), alpha);
    },
  },
  ...[0, 1, 2].map((power): Claim => {
    const alphas = ['', 'alpha ', 'alpha^2 '];
    const terms = power === 2 ? '2 alpha epsilon' : '2 epsilon';
    return {
      id: ['geometric-sum-printed', 'geometric-sum', 'geometric-sum-sharp'][power],
      equation: ['Eq. 31, last two lines', 'Eq. 31, corrected', 'Eq. 31 from the sharp Eq. 30'][power],
      statement: `sum gamma^t ${terms} (1 - (1 - alpha)^t) = 2 epsilon gamma ${alphas[power]}/ ((1 - gamma) (1 - (1 - alpha) gamma))`,
      form: power === 0 ? 'printed' : 'corrected',
      check({ old, alpha }) {
        const gamma = old.mdp.discount;
        const sum = geometricSum(gamma, alpha) * (power === 2 ? alpha : 1);
        return equal(sum, (2 * gamma * alpha ** power) / ((1 - gamma) * (1 - (1 - alpha) * gamma)), 1 / (1 - gamma));
      },
    };
  }),
  ...[true, false].map(
    (printed): Claim => ({
      id: printed ? 'first-term-printed' : 'first-term',
      equation: printed ? 'Eq. 31, third line' : 'Eq. 31, third line, corrected',
      statement: `eta(pi) + sum gamma^t E_pi[A-bar(s_t)] = ${printed ? 'eta(pi) + ' : ''}L(pi~), which holds eta(pi) already`,
      form: printed ? 'printed' : 'corrected',
      check(instance) {
        const { old, other } = instance;
        const left = old.eta + dot(old.visitation, expectedAdvantage(old, other));
        return equal(left, localApproximation(old, other) + (printed ? old.eta : 0), scaleOf(instance));
      },
    }),
  ),
  {
    id: 'coupling-bound',
    equation: 'Eq. 31, general policies',
    statement:
      'eta <= L + 4 epsilon gamma alpha^2 / ((1 - gamma) (1 - gamma (1 - alpha))): a little sharper than Theorem 1',
    form: 'corrected',
    check(instance) {
      const { old, other } = instance;
      const gamma = old.mdp.discount;
      const alpha = alphaOf(instance);
      const penalty = (gamma * maxAdvantage(old) * alpha ** 2) / ((1 - gamma) * (1 - gamma * (1 - alpha)));
      const local = localApproximation(old, other);
      const eta = evaluatePolicy(old.mdp, other).eta;
      const needed = penalty > 0 ? (eta - local) / penalty : NaN;
      return { ...atMost(eta, local + 4 * penalty, scaleOf(instance)), needed };
    },
  },
];

/** |E_new[A-bar(s_t)] - E_old[A-bar(s_t)]| <= size (1 - (1 - alpha)^t) for t < HORIZON. */
function advantageShift(instance: Instance, policy: Float64Array, size: number, alpha: number): Outcome {
  const { old } = instance;
  const advantage = expectedAdvantage(old, policy);
  const before = stateDistributions(old, HORIZON);
  const after = stateDistributions(evaluatePolicy(old.mdp, policy), HORIZON);
  return worst(
    before.map((density, t) => {
      const shift = Math.abs(dot(after[t], advantage) - dot(density, advantage));
      return atMost(shift, size * (1 - (1 - alpha) ** t), scaleOf(instance));
    }),
  );
}
