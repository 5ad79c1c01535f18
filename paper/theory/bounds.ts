import { type Evaluation, expectedAdvantage, maxAdvantage } from './evaluation.js';
import { maxAbs } from './linear-algebra.js';
import type { TabularPolicy } from './mdp.js';
import { maxKl, maxTotalVariation, totalVariations } from './policy.js';
import { localApproximation, policyChange } from './surrogate.js';

/** epsilon of Eq. 7: the largest expected advantage, positive or negative, of pi' over pi. */
export function mixtureEpsilon(evaluation: Evaluation, direction: TabularPolicy): number {
  return maxAbs(expectedAdvantage(evaluation, direction));
}

/** Upper bound on eta of the mixture (1 - alpha) pi + alpha pi' (Eq. 6); the weaker Eq. 8 where `weak`. */
export function mixtureBound(evaluation: Evaluation, direction: TabularPolicy, alpha: number, weak = false): number {
  const gamma = evaluation.mdp.discount;
  const linear = alpha * (localApproximation(evaluation, direction) - evaluation.eta);
  const denominator = (1 - gamma) * (weak ? 1 - gamma : 1 - gamma * (1 - alpha));
  return evaluation.eta + linear + (2 * mixtureEpsilon(evaluation, direction) * gamma * alpha ** 2) / denominator;
}

/**
 * Theorem 1: L + factor · epsilon gamma alpha^2 / (1 - gamma)^2 with alpha = D_TV^max and epsilon = max |A|. The paper
 * prints the factor 2 (Eq. 8), which is false in general; 4 is right, and the least: see counterexampleMdp.
 */
export function theorem1Bound(evaluation: Evaluation, policy: TabularPolicy, factor: 2 | 4): number {
  const { discount, actions } = evaluation.mdp;
  const alpha = maxTotalVariation(evaluation.policy, policy, actions);
  return penalised(evaluation, policy, factor * maxAdvantage(evaluation) * alpha ** 2, discount);
}

/**
 * epsilon of Eq. 33: max over states of sum (pi~ - pi) Q / sum |pi~ - pi|, states where the policies agree left out (0 if
 * all do). As printed it is signed; the sup norm in Eq. 42 needs absolute values.
 */
export function perturbationEpsilon(evaluation: Evaluation, policy: TabularPolicy, signed: boolean): number {
  const { actions } = evaluation.mdp;
  const gain = expectedAdvantage(evaluation, policyChange(evaluation, policy));
  const distance = totalVariations(evaluation.policy, policy, actions);
  const ratios = [...gain].map((g, s) => g / (2 * distance[s])).filter((_, s) => distance[s] > 0);
  if (ratios.length === 0) return 0;
  return Math.max(...ratios.map((ratio) => (signed ? ratio : Math.abs(ratio))));
}

/** Theorem 1a (Eq. 32) with the epsilon of Eq. 33. The paper prints factor 2 and a signed epsilon. */
export function theorem1aBound(evaluation: Evaluation, policy: TabularPolicy, factor: 2 | 4, signed = false): number {
  const { discount, actions } = evaluation.mdp;
  const alpha = maxTotalVariation(evaluation.policy, policy, actions);
  const epsilon = perturbationEpsilon(evaluation, policy, signed);
  return penalised(evaluation, policy, factor * epsilon * alpha ** 2, discount);
}

/** C = 2 epsilon gamma / (1 - gamma)^2 of Eq. 10 and Algorithm 1. */
export function penaltyCoefficient(evaluation: Evaluation): number {
  const gamma = evaluation.mdp.discount;
  return (2 * maxAdvantage(evaluation) * gamma) / (1 - gamma) ** 2;
}

/** M(pi~) = L_pi(pi~) + C D_KL^max(pi, pi~): the right-hand side of Eq. 10, which Algorithm 1 minimises. */
export function majorizer(evaluation: Evaluation, policy: TabularPolicy): number {
  const divergence = maxKl(evaluation.policy, policy, evaluation.mdp.actions);
  const penalty = penaltyCoefficient(evaluation);
  return localApproximation(evaluation, policy) + (penalty === 0 ? 0 : penalty * divergence);
}

function penalised(evaluation: Evaluation, policy: TabularPolicy, numerator: number, gamma: number): number {
  return localApproximation(evaluation, policy) + (numerator * gamma) / (1 - gamma) ** 2;
}
