import { mixtureEpsilon, penaltyCoefficient } from './bounds.js';
import { type Evaluation, evaluatePolicy, expectedAdvantage } from './evaluation.js';
import { dot } from './linear-algebra.js';
import type { TabularMdp, TabularPolicy } from './mdp.js';
import { penalisedMinimum } from './penalised-minimum.js';
import { greedyPolicy, mixture } from './policy.js';

/** A policy and its evaluation after each iteration; the first entry is the start. */
export type PolicySequence = readonly Evaluation[];

/** Exact policy iteration: the limit of the unconstrained minimisation of L (sections 2 and 7). Stops when it repeats. */
export function exactPolicyIteration(mdp: TabularMdp, policy: TabularPolicy, iterations = 100): PolicySequence {
  return iterate(mdp, policy, iterations, (evaluation) => greedyPolicy(evaluation.advantage, mdp.actions));
}

/**
 * Conservative policy iteration (Eq. 5): mixes in the greedy policy with the alpha that minimises the bound Eq. 8, so
 * that eta never rises. With d = L(pi') - L(pi) <= 0 the minimum of d alpha + 2 epsilon gamma alpha^2 / (1 - gamma)^2
 * lies at alpha = -d (1 - gamma)^2 / (4 epsilon gamma), at most 1.
 */
export function conservativePolicyIteration(
  mdp: TabularMdp,
  policy: TabularPolicy,
  iterations: number,
): PolicySequence {
  return iterate(mdp, policy, iterations, (evaluation) => {
    const greedy = greedyPolicy(evaluation.advantage, mdp.actions);
    return mixture(evaluation.policy, greedy, conservativeStep(evaluation, greedy));
  });
}

/** The alpha of conservativePolicyIteration for one update towards `direction`. */
export function conservativeStep(evaluation: Evaluation, direction: TabularPolicy): number {
  const gamma = evaluation.mdp.discount;
  const decrease = -dot(evaluation.visitation, expectedAdvantage(evaluation, direction));
  const curvature = 4 * mixtureEpsilon(evaluation, direction) * gamma;
  if (decrease <= 0) return 0;
  return curvature === 0 ? 1 : Math.min(1, (decrease * (1 - gamma) ** 2) / curvature);
}

/** Algorithm 1: minimises L + C D_KL^max over all policies, exactly; eta never rises (Eq. 11). */
export function penalisedPolicyIteration(mdp: TabularMdp, policy: TabularPolicy, iterations: number): PolicySequence {
  return iterate(mdp, policy, iterations, (evaluation) => penalisedMinimum(evaluation, penaltyCoefficient(evaluation)));
}

function iterate(
  mdp: TabularMdp,
  policy: TabularPolicy,
  iterations: number,
  update: (evaluation: Evaluation) => TabularPolicy,
): PolicySequence {
  const sequence = [evaluatePolicy(mdp, policy)];
  for (let i = 0; i < iterations; i++) {
    const current = sequence.at(-1)!;
    const next = update(current);
    if (next.every((p, j) => p === current.policy[j])) break;
    sequence.push(evaluatePolicy(mdp, next));
  }
  return sequence;
}
