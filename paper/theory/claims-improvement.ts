import { mixtureBound, mixtureEpsilon } from './bounds.js';
import { atMost, type Claim, equal, instanceDraws, scaleOf, worst } from './claim.js';
import { evaluatePolicy, maxAdvantage } from './evaluation.js';
import { dot } from './linear-algebra.js';
import { greedyPolicy, mixture, softmaxDerivative } from './policy.js';
import { conservativePolicyIteration, exactPolicyIteration } from './policy-iteration.js';
import {
  actionValueObjective,
  etaDerivative,
  etaFromAdvantages,
  etaFromAdvantagesOverTime,
  localApproximation,
  localApproximationDerivative,
} from './surrogate.js';

/** Section 2: the identities, the local approximation, exact and conservative policy iteration. */
export const IMPROVEMENT_CLAIMS: readonly Claim[] = [
  {
    id: 'identity-over-time',
    equation: 'Eq. 1, 20',
    statement: 'eta(pi~) = eta(pi) + discounted advantages of pi along the time steps of pi~',
    form: 'printed',
    check(instance) {
      const other = evaluatePolicy(instance.old.mdp, instance.other);
      return equal(etaFromAdvantagesOverTime(instance.old, other), other.eta, scaleOf(instance));
    },
  },
  {
    id: 'identity-over-states',
    equation: 'Eq. 2',
    statement: 'the same, summed over states with the visitation of pi~',
    form: 'printed',
    check(instance) {
      const other = evaluatePolicy(instance.old.mdp, instance.other);
      return equal(etaFromAdvantages(instance.old, other), other.eta, scaleOf(instance));
    },
  },
  {
    id: 'non-positive-advantage',
    equation: 'Sec. 2',
    statement: 'an update with non-positive expected advantage in every state does not raise eta',
    form: 'printed',
    check(instance) {
      const { old } = instance;
      const draws = instanceDraws(instance);
      const { states, actions } = old.mdp;
      const greedy = greedyPolicy(old.advantage, actions);
      const weights = Float64Array.from({ length: states }, () => draws.uniform());
      const improved = old.policy.map((p, i) => {
        const weight = weights[Math.floor(i / actions)];
        return (1 - weight) * p + weight * greedy[i];
      });
      return atMost(evaluatePolicy(old.mdp, improved).eta, old.eta, scaleOf(instance));
    },
  },
  {
    id: 'exact-policy-iteration',
    equation: 'Sec. 2, 7',
    statement:
      'minimising L without a constraint (greedy in A) never raises eta and ends where no advantage is negative',
    form: 'printed',
    check(instance) {
      const sequence = exactPolicyIteration(instance.old.mdp, instance.old.policy);
      const scale = scaleOf(instance);
      const steps = sequence.slice(1).map((next, i) => atMost(next.eta, sequence[i].eta, scale));
      const least = Math.min(...sequence.at(-1)!.advantage);
      return worst([...steps, { margin: least / scale }]);
    },
  },
  {
    id: 'local-approximation-value',
    equation: 'Eq. 3, 4',
    statement: 'L_pi(pi) = eta(pi)',
    form: 'printed',
    check: (instance) =>
      equal(localApproximation(instance.old, instance.old.policy), instance.old.eta, scaleOf(instance)),
  },
  {
    id: 'local-approximation-gradient',
    equation: 'Eq. 4',
    statement: 'L and eta have the same gradient at theta_0 (softmax policies, random directions)',
    form: 'printed',
    check(instance) {
      const { old } = instance;
      const draws = instanceDraws(instance);
      const outcomes = [0, 1, 2].map(() => {
        const direction = Float64Array.from(old.policy, () => draws.normal());
        const change = softmaxDerivative(old.policy, direction, old.mdp.actions);
        const scale = scaleOf(instance) / (1 - old.mdp.discount);
        return equal(localApproximationDerivative(old, change), etaDerivative(old, change), scale);
      });
      return worst(outcomes);
    },
  },
  {
    id: 'action-values-for-advantages',
    equation: 'Eq. 14, 15',
    statement: 'replacing A by Q changes the objective by a constant, sum rho V',
    form: 'printed',
    check(instance) {
      const { old, other } = instance;
      const constant = dot(old.visitation, old.value);
      const left = actionValueObjective(old, other);
      const right = localApproximation(old, other) - old.eta + constant;
      return equal(left, right, scaleOf(instance) / (1 - old.mdp.discount));
    },
  },
  ...[false, true].map(
    (weak): Claim => ({
      id: weak ? 'mixture-bound-simple' : 'mixture-bound',
      equation: weak ? 'Eq. 8' : 'Eq. 6, 7',
      statement: `conservative policy iteration: eta <= L + 2 epsilon gamma alpha^2 / ${weak ? '(1 - gamma)^2' : '((1 - gamma (1 - alpha)) (1 - gamma))'}`,
      form: 'printed',
      check(instance) {
        const { old, direction, alpha } = instance;
        const policy = mixture(old.policy, direction, alpha);
        const eta = evaluatePolicy(old.mdp, policy).eta;
        const bound = mixtureBound(old, direction, alpha, weak);
        const local = localApproximation(old, policy);
        const needed = (2 * (eta - local)) / (bound - local);
        return { ...atMost(eta, bound, scaleOf(instance)), needed: bound - local > 0 ? needed : NaN };
      },
    }),
  ),
  {
    id: 'mixture-epsilon',
    equation: 'Eq. 7',
    statement: 'epsilon of Eq. 7 is at most max |A|, that of Theorem 1',
    form: 'printed',
    check: (instance) =>
      atMost(mixtureEpsilon(instance.old, instance.direction), maxAdvantage(instance.old), scaleOf(instance)),
  },
  {
    id: 'conservative-policy-iteration',
    equation: 'Eq. 5-8',
    statement: 'conservative policy iteration with the alpha that minimises Eq. 8 never raises eta (20 updates)',
    form: 'printed',
    check(instance) {
      const sequence = conservativePolicyIteration(instance.old.mdp, instance.old.policy, 20);
      const scale = scaleOf(instance);
      return worst([{ margin: 0 }, ...sequence.slice(1).map((next, i) => atMost(next.eta, sequence[i].eta, scale))]);
    },
  },
];
