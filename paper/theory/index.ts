/** The paper's sections 2-4 and appendices A and B on finite Markov decision processes, exact up to rounding. */
export * from './bounds.js';
export { CLAIMS, checkTheory } from './check-theory.js';
export type { Claim, Verdict } from './claim.js';
export { coupledProcess, drawCoupled, maximalCoupling } from './coupling.js';
export type { Evaluation } from './evaluation.js';
export { evaluatePolicy, expectedAdvantage, maxAdvantage, stateDistributions } from './evaluation.js';
export * from './instances.js';
export type { TabularMdp, TabularPolicy } from './mdp.js';
export { defineMdp } from './mdp.js';
export { penalisedMinimum } from './penalised-minimum.js';
export { perturb, perturbationTerms } from './perturbation.js';
export * from './policy.js';
export * from './policy-iteration.js';
export { etaDerivative, localApproximation, localApproximationDerivative } from './surrogate.js';
