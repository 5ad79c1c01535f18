import { perturbationEpsilon } from './bounds.js';
import { atMost, type Claim, equal, type Instance, type Outcome, scaleOf, worst } from './claim.js';
import { coupledProcess, maximalCoupling } from './coupling.js';
import { evaluatePolicy, expectedAdvantage, maxAdvantage, stateDistributions } from './evaluation.js';
import { addScaled, dot, identity, maxAbs, norm1 } from './linear-algebra.js';
import { perturb, perturbationTerms, secondOrderResolvent } from './perturbation.js';
import { maxTotalVariation, mixture, totalVariation } from './policy.js';
import { localApproximation, localApproximationDerivative, policyChange } from './surrogate.js';

/** Time steps over which the coupled process is followed. */
const HORIZON = 30;

/** Size of the terms of Eq. 37: |gamma v Delta| |G rho0| is of the order of scaleOf / (1 - gamma). */
const termScale = (instance: Instance) => scaleOf(instance) / (1 - instance.old.mdp.discount);

const alphaOf = ({ old, other }: Instance) => maxTotalVariation(old.policy, other, old.mdp.actions);

/** sum_t gamma^t 2 epsilon (1 - (1 - alpha)^t), summed term by term. */
function geometricSum(gamma: number, alpha: number): number {
  let sum = 0;
  for (let t = 0, weight = 1; weight > 1e-18; t++, weight *= gamma) sum += weight * 2 * (1 - (1 - alpha) ** t);
  return sum;
}

/** Appendix A: the coupling and the two proofs built on it. */
const COUPLING_CLAIMS: readonly Claim[] = [
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
        const diagonal = p.reduce((sum, _, a) => sum + joint[a * actions + a]!, 0);
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
    id: 'advantage-shift-mixture',
    equation: 'Eq. 30',
    statement: 'mixtures: E[A-bar(s_t)] under new exceeds that under old by at most 2 epsilon (1 - (1 - alpha)^t)',
    form: 'printed',
    check(instance) {
      const { old, direction, alpha } = instance;
      const epsilon = maxAbs(expectedAdvantage(old, direction));
      return advantageShift(instance, mixture(old.policy, direction, alpha), 2 * epsilon, alpha);
    },
  },
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
  ...[false, true].map(
    (corrected): Claim => ({
      id: corrected ? 'geometric-sum' : 'geometric-sum-printed',
      equation: corrected ? 'Eq. 31, corrected' : 'Eq. 31, last two lines',
      statement: `sum gamma^t 2 epsilon (1 - (1 - alpha)^t) = 2 epsilon gamma ${corrected ? 'alpha ' : ''}/ ((1 - gamma) (1 - (1 - alpha) gamma))`,
      form: corrected ? 'corrected' : 'printed',
      check({ old, alpha }) {
        const gamma = old.mdp.discount;
        const closed = (2 * gamma * (corrected ? alpha : 1)) / ((1 - gamma) * (1 - (1 - alpha) * gamma));
        return equal(geometricSum(gamma, alpha), closed, 1 / (1 - gamma));
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
      const shift = Math.abs(dot(after[t]!, advantage) - dot(density, advantage));
      return atMost(shift, size * (1 - (1 - alpha) ** t), scaleOf(instance));
    }),
  );
}

/** Appendix B: perturbation theory. */
const PERTURBATION_CLAIMS: readonly Claim[] = [
  {
    id: 'resolvent-difference',
    equation: 'Eq. 34-36',
    statement: 'G~ = G + gamma G Delta G~ = G + gamma G Delta G + gamma^2 G Delta G Delta G~, and (34)',
    form: 'printed',
    check({ old, other }) {
      const p = perturb(old, other);
      const gamma = old.mdp.discount;
      const size = 1 / (1 - gamma);
      const one = identity(old.mdp.states);
      const before = addScaled(one, -gamma, old.transition);
      const after = addScaled(one, -gamma, p.other.transition);
      return worst([
        equal(
          addScaled(before, -1, after),
          p.delta.map((value) => gamma * value),
          1,
        ),
        equal(addScaled(p.g, 1, p.firstOrder), p.gOther, size ** 2),
        equal(secondOrderResolvent(p), p.gOther, size ** 3),
      ]);
    },
  },
  {
    id: 'eta-expansion',
    equation: 'Eq. 37',
    statement: 'eta(pi~) - eta(pi) = gamma c G Delta G rho0 + gamma^2 c G Delta G Delta G~ rho0',
    form: 'printed',
    check(instance) {
      const p = perturb(instance.old, instance.other);
      const { first, second } = perturbationTerms(p);
      return equal(p.other.eta - p.old.eta, first + second, termScale(instance));
    },
  },
  {
    id: 'leading-term',
    equation: 'Eq. 38',
    statement: 'L(pi~) - L(pi) = gamma v Delta rho_pi',
    form: 'printed',
    check(instance) {
      const { old, other } = instance;
      const { first } = perturbationTerms(perturb(old, other));
      return equal(localApproximation(old, other) - old.eta, first, scaleOf(instance));
    },
  },
  {
    id: 'leading-term-sign',
    equation: 'Eq. 38, lines 2-4',
    statement: 'the lines between, with pi - pi~ in place of pi~ - pi (their sign is reversed)',
    form: 'printed',
    check(instance) {
      const { old, other } = instance;
      const printed = localApproximationDerivative(old, addScaled(old.policy, -1, other));
      return equal(localApproximation(old, other) - old.eta, printed, scaleOf(instance));
    },
  },
  ...[1, 2].map(
    (factor): Claim => ({
      id: `gain-norm-${factor}`,
      equation: factor === 1 ? 'Eq. 39' : 'Eq. 39, corrected',
      statement: `|(gamma v Delta)_s| <= ${factor === 1 ? '' : '2 '}alpha epsilon, epsilon the absolute form of Eq. 33`,
      form: factor === 1 ? 'printed' : 'corrected',
      check(instance) {
        const { gain } = perturb(instance.old, instance.other);
        const epsilon = perturbationEpsilon(instance.old, instance.other, false);
        return atMost(maxAbs(gain), factor * alphaOf(instance) * epsilon, scaleOf(instance));
      },
    }),
  ),
  {
    id: 'resolvent-norm',
    equation: 'Eq. 40',
    statement: '||G||_1 = ||G~||_1 = 1 / (1 - gamma)',
    form: 'printed',
    check({ old, other }) {
      const { g, gOther } = perturb(old, other);
      const expected = 1 / (1 - old.mdp.discount);
      const n = old.mdp.states;
      return worst([equal(norm1(g, n), expected, expected), equal(norm1(gOther, n), expected, expected)]);
    },
  },
  ...[true, false].map(
    (printed): Claim => ({
      id: printed ? 'delta-norm-printed' : 'delta-norm',
      equation: printed ? 'Eq. 40, 41' : 'Eq. 40, corrected',
      statement: `||Delta||_1 ${printed ? '=' : '<='} 2 alpha`,
      form: printed ? 'printed' : 'corrected',
      check(instance) {
        const norm = norm1(perturb(instance.old, instance.other).delta, instance.old.mdp.states);
        const twice = 2 * alphaOf(instance);
        return printed ? equal(norm, twice, 1) : atMost(norm, twice, 1);
      },
    }),
  ),
  ...[1, 2].map(
    (factor): Claim => ({
      id: `shift-norm-${factor}`,
      equation: factor === 1 ? 'Eq. 41' : 'Eq. 41, corrected',
      statement: `||G Delta G~ rho0||_1 <= ${factor === 1 ? '' : '2 '}alpha / (1 - gamma)^2`,
      form: factor === 1 ? 'printed' : 'corrected',
      check(instance) {
        const { old } = instance;
        const size = 1 / (1 - old.mdp.discount) ** 2;
        const { shift } = perturb(old, instance.other);
        const norm = shift.reduce((sum, value) => sum + Math.abs(value), 0);
        return atMost(norm, factor * alphaOf(instance) * size, size);
      },
    }),
  ),
  {
    id: 'second-order-term',
    equation: 'Eq. 42, corrected',
    statement: 'eta - L = gamma^2 c G Delta G Delta G~ rho0 <= gamma (2 alpha epsilon) (2 alpha) / (1 - gamma)^2',
    form: 'corrected',
    check(instance) {
      const { old, other } = instance;
      const p = perturb(old, other);
      const { second } = perturbationTerms(p);
      const gamma = old.mdp.discount;
      const size = (gamma * perturbationEpsilon(old, other, false) * alphaOf(instance) ** 2) / (1 - gamma) ** 2;
      const remainder = p.other.eta - old.eta - localApproximationDerivative(old, policyChange(old, other));
      const needed = size > 0 ? second / size : NaN;
      const same = equal(remainder, second, termScale(instance));
      return { ...worst([same, atMost(second, 4 * size, scaleOf(instance))]), needed };
    },
  },
];

/** Appendices A and B. */
export const APPENDIX_CLAIMS: readonly Claim[] = [...COUPLING_CLAIMS, ...PERTURBATION_CLAIMS];
