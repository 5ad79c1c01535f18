import { perturbationEpsilon } from './bounds.js';
import { alphaOf, atMost, type Claim, equal, type Instance, scaleOf, worst } from './claim.js';
import { addScaled, identity, maxAbs, norm1 } from './linear-algebra.js';
import { perturb, perturbationTerms, secondOrderResolvent } from './perturbation.js';
import { localApproximation, localApproximationDerivative, policyChange } from './surrogate.js';

/** Size of the terms of Eq. 37: |gamma v Delta| |G rho0| is of the order of scaleOf / (1 - gamma). */
const termScale = (instance: Instance) => scaleOf(instance) / (1 - instance.old.mdp.discount);

/** Appendix B: perturbation theory. */
export const PERTURBATION_CLAIMS: readonly Claim[] = [
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
