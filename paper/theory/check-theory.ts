import { type Claim, checkClaim, type Verdict } from './claim.js';
import { claimInstances } from './claim-instances.js';
import { BOUND_CLAIMS } from './claims-bounds.js';
import { COUPLING_CLAIMS } from './claims-coupling.js';
import { IMPROVEMENT_CLAIMS } from './claims-improvement.js';
import { PERTURBATION_CLAIMS } from './claims-perturbation.js';

/** Every claim of sections 2-4 and appendices A and B that is checked, in the paper's order. */
export const CLAIMS: readonly Claim[] = [
  ...IMPROVEMENT_CLAIMS,
  ...BOUND_CLAIMS,
  ...COUPLING_CLAIMS,
  ...PERTURBATION_CLAIMS,
];

/**
 * Checks the paper's theory on exact tabular problems.
 * @param garnets random problems; about a tenth as many grids and forty counterexamples come on top
 */
export function checkTheory({
  garnets = 1000,
  seed = 0,
  claims = CLAIMS,
}: {
  garnets?: number;
  seed?: number;
  claims?: readonly Claim[];
} = {}): Verdict[] {
  const instances = claimInstances(garnets, seed);
  return claims.map((claim) => checkClaim(claim, instances));
}
