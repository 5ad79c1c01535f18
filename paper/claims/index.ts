import { throwIfAborted } from '../../src/index.js';
import type { ClaimContext, ClaimResult } from './claim.js';
import { comparedClaims } from './compared.js';
import { hessianVectorProduct, subsampledCost } from './metric.js';
import { standing, theoreticalPenalty } from './penalty.js';
import { commonRandomNumbers, vineVariance } from './sampling.js';
import { trainedClaims } from './trained.js';

export type { ClaimResult } from './claim.js';
export { claimCells } from './trained.js';

/** Claims that are measured in a minute or so, without training runs of their own. */
export const MEASURED_CLAIMS: Readonly<Record<string, (context: ClaimContext) => Promise<ClaimResult>>> = {
  'common-random-numbers': commonRandomNumbers,
  'vine-variance': vineVariance,
  'theoretical-penalty': theoreticalPenalty,
  'hessian-vector-product': hessianVectorProduct,
  'subsampled-cost': subsampledCost,
  standing,
};

/**
 * Judges all side claims.
 * @param out folder of the claims' own runs
 * @param figure4 folder of Figure 4's runs
 * @param selected whether a claim of this id is wanted
 */
export async function judgeClaims(
  out: string,
  figure4: string,
  context: ClaimContext,
  selected: (id: string) => boolean = () => true,
): Promise<ClaimResult[]> {
  const results: ClaimResult[] = [];
  for (const [id, measure] of Object.entries(MEASURED_CLAIMS)) {
    throwIfAborted(context.signal);
    if (selected(id)) results.push(await measure(context));
  }
  const others = [...trainedClaims(out, context.budget), ...comparedClaims(figure4, context.budget)];
  return [...results, ...others.filter(({ id }) => selected(id))];
}
