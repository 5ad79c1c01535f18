import { majorizer, penaltyCoefficient, perturbationEpsilon, theorem1aBound, theorem1Bound } from './bounds.js';
import { atMost, type Claim, equal, type Instance, instanceDraws, type Outcome, scaleOf, worst } from './claim.js';
import { evaluatePolicy, maxAdvantage } from './evaluation.js';
import { randomPolicy } from './instances.js';
import { klDivergences, maxKl, mixture, totalVariations } from './policy.js';
import { penalisedPolicyIteration } from './policy-iteration.js';
import { localApproximation } from './surrogate.js';

/** Compares eta(pi~) with a bound L + factor · something. */
function compare(instance: Instance, bound: number, factor: number): Outcome {
  const eta = evaluatePolicy(instance.old.mdp, instance.other).eta;
  const local = localApproximation(instance.old, instance.other);
  const needed = bound > local ? (factor * (eta - local)) / (bound - local) : NaN;
  return { ...atMost(eta, bound, scaleOf(instance)), needed };
}

/** Section 3, Theorem 1a and the penalty of section 6: bounds for general pairs of policies, and Algorithm 1. */
export const BOUND_CLAIMS: readonly Claim[] = [
  ...([2, 4] as const).map(
    (factor): Claim => ({
      id: `theorem-1-factor-${factor}`,
      equation: factor === 2 ? 'Theorem 1' : 'Theorem 1, corrected',
      statement: `eta <= L + ${factor} epsilon gamma alpha^2 / (1 - gamma)^2, alpha = D_TV^max, epsilon = max |A|`,
      form: factor === 2 ? 'printed' : 'corrected',
      check: (instance) => compare(instance, theorem1Bound(instance.old, instance.other, factor), factor),
    }),
  ),
  {
    id: 'pinsker',
    equation: 'Sec. 3',
    statement: 'D_TV^2 <= D_KL in every state',
    form: 'printed',
    check: (instance) => pinsker(instance, 1),
  },
  {
    id: 'pinsker-sharp',
    equation: 'Sec. 3, sharpened',
    statement: 'D_TV^2 <= D_KL / 2 in every state: why Eq. 10 holds although Theorem 1 does not',
    form: 'corrected',
    check: (instance) => pinsker(instance, 2),
  },
  {
    id: 'kl-bound',
    equation: 'Eq. 10',
    statement: 'eta <= L + C D_KL^max, C = 2 epsilon gamma / (1 - gamma)^2',
    form: 'printed',
    check: (instance) => compare(instance, majorizer(instance.old, instance.other), 2),
  },
  {
    id: 'kl-bound-section-6',
    equation: 'Sec. 6',
    statement: 'the same with the penalty 2 epsilon gamma / (2 - gamma)^2 of section 6',
    form: 'printed',
    check(instance) {
      const { old, other } = instance;
      const gamma = old.mdp.discount;
      const penalty = penaltyCoefficient(old) * ((1 - gamma) / (2 - gamma)) ** 2;
      const divergence = maxKl(old.policy, other, old.mdp.actions);
      return compare(instance, localApproximation(old, other) + (penalty === 0 ? 0 : penalty * divergence), 2);
    },
  },
  {
    id: 'algorithm-1-monotone',
    equation: 'Eq. 11, Algorithm 1',
    statement: 'eta(new) - eta(old) <= M(new) - M(old) <= 0 in each of 5 exact updates',
    form: 'printed',
    check(instance) {
      const scale = scaleOf(instance);
      const sequence = penalisedPolicyIteration(instance.old.mdp, instance.old.policy, 5);
      const steps = sequence.slice(1).flatMap((next, i) => {
        const old = sequence[i];
        const rise = majorizer(old, next.policy) - majorizer(old, old.policy);
        return [atMost(next.eta - old.eta, rise, scale), atMost(rise, 0, scale)];
      });
      return worst([{ margin: 0 }, ...steps]);
    },
  },
  {
    id: 'algorithm-1-minimum',
    equation: 'Algorithm 1',
    statement: 'the update has the least M of all policies (against 40 random ones, near and far)',
    form: 'printed',
    check(instance) {
      const { old } = instance;
      const draws = instanceDraws(instance);
      const update = penalisedPolicyIteration(old.mdp, old.policy, 1).at(-1)!.policy;
      const least = majorizer(old, update);
      const rivals = Array.from({ length: 40 }, (_, i) => {
        const from = i % 2 === 0 ? update : old.policy;
        return mixture(from, randomPolicy(draws, old.mdp), 10 ** (-5 * draws.uniform()));
      });
      return worst(rivals.map((rival) => atMost(least, majorizer(old, rival), scaleOf(instance))));
    },
  },
  ...(
    [
      [2, true],
      [4, true],
      [4, false],
    ] as const
  ).map(
    ([factor, signed]): Claim => ({
      id: `theorem-1a-factor-${factor}${signed ? '-signed' : ''}`,
      equation: factor === 2 ? 'Theorem 1a, Eq. 32, 33' : signed ? 'Eq. 33, factor corrected' : 'Theorem 1a, corrected',
      statement: `eta <= L + ${factor} gamma epsilon alpha^2 / (1 - gamma)^2, epsilon the max of the ${signed ? 'signed' : 'absolute'} ratio`,
      form: signed ? 'printed' : 'corrected',
      check: ({ old, other, ...rest }) =>
        compare({ old, other, ...rest }, theorem1aBound(old, other, factor, signed), factor),
    }),
  ),
  {
    id: 'perturbation-epsilon',
    equation: 'App. B, note on Eq. 33',
    statement: 'epsilon of Eq. 33 is at most max |A|',
    form: 'printed',
    check: (instance) =>
      atMost(perturbationEpsilon(instance.old, instance.other, false), maxAdvantage(instance.old), scaleOf(instance)),
  },
  {
    id: 'majorizer-touches',
    equation: 'Eq. 11',
    statement: 'M_i(pi_i) = eta(pi_i)',
    form: 'printed',
    check: (instance) => equal(majorizer(instance.old, instance.old.policy), instance.old.eta, scaleOf(instance)),
  },
];

/** factor · D_TV^2 <= D_KL in every state. */
function pinsker({ old, other }: Instance, factor: number): Outcome {
  const { actions } = old.mdp;
  const kl = klDivergences(old.policy, other, actions);
  const outcomes = [...totalVariations(old.policy, other, actions)].map((tv, s) => atMost(factor * tv ** 2, kl[s], 1));
  return worst(outcomes);
}
