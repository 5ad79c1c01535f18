import { type Evaluation, expectedAdvantage, transitionMatrix } from './evaluation.js';
import { addScaled, dot, multiplyVector } from './linear-algebra.js';
import type { TabularPolicy } from './mdp.js';

/** The local approximation L_pi(pi~) (Eq. 3), pi being the evaluated policy. */
export function localApproximation(evaluation: Evaluation, policy: TabularPolicy): number {
  return evaluation.eta + dot(evaluation.visitation, expectedAdvantage(evaluation, policy));
}

/** Derivative of L_pi along a change of policy; L is linear in the policy, so this is exact for steps of any size. */
export function localApproximationDerivative(evaluation: Evaluation, change: Float64Array): number {
  return dot(evaluation.visitation, expectedAdvantage(evaluation, change));
}

/**
 * Derivative of eta itself along a change of policy, by implicit differentiation of the visitation:
 * rho = rho0 + gamma P rho, hence (1 - gamma P) d rho = gamma dP rho and d eta = c d rho. No advantage enters.
 */
export function etaDerivative(evaluation: Evaluation, change: Float64Array): number {
  const { mdp, resolvent, visitation } = evaluation;
  const flow = multiplyVector(transitionMatrix(mdp, change), visitation);
  const visitationChange = multiplyVector(resolvent, flow);
  return mdp.discount * dot(mdp.cost, visitationChange);
}

/** eta(pi~) by Eq. 2 from A_pi and the visitation of pi~. */
export function etaFromAdvantages(old: Evaluation, other: Evaluation): number {
  return old.eta + dot(other.visitation, expectedAdvantage(old, other.policy));
}

/**
 * eta(pi~) by Eq. 1: discounted advantages of pi along the time steps of pi~, summed until the rest is below rounding.
 */
export function etaFromAdvantagesOverTime(old: Evaluation, other: Evaluation): number {
  const advantage = expectedAdvantage(old, other.policy);
  const scale = Math.max(1e-300, Math.max(...advantage.map(Math.abs)) / (1 - old.mdp.discount));
  let density = other.mdp.start;
  let weight = 1;
  let sum = old.eta;
  while (weight * scale > 1e-17 * (Math.abs(sum) + scale)) {
    sum += weight * dot(density, advantage);
    density = multiplyVector(other.transition, density);
    weight *= old.mdp.discount;
  }
  return sum;
}

/** sum_s rho_pi(s) sum_a pi~(a | s) Q_pi(s, a): the objective of Eq. 14 with A replaced by Q. */
export function actionValueObjective(evaluation: Evaluation, policy: TabularPolicy): number {
  const { states, actions } = evaluation.mdp;
  let sum = 0;
  for (let s = 0; s < states; s++) {
    for (let a = 0; a < actions; a++) {
      const i = s * actions + a;
      sum += evaluation.visitation[s] * policy[i] * evaluation.actionValue[i];
    }
  }
  return sum;
}

/** pi~ - pi. */
export function policyChange(evaluation: Evaluation, policy: TabularPolicy): Float64Array {
  return addScaled(policy, -1, evaluation.policy);
}
