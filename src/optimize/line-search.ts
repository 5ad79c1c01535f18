import { z } from 'zod';

export const lineSearchSchema = z.strictObject({
  /** Steps tried: 1, factor, factor², … */
  tries: z.int().min(1).max(100).default(10),
  factor: z.number().gt(0).lt(1).default(0.5),
  /** Least actual improvement as a share of what the gradient promises. */
  improvementRatio: z.number().min(0).max(1).default(0.1),
  /** false: any improvement is enough. */
  ratioTest: z.boolean().default(true),
  /** Accept a KL divergence up to this multiple of δ. The original code used 2. */
  klLimitMultiple: z.number().min(0).default(1),
  /** Which KL divergence is held to the limit; appendix C prints the maximum, later versions the mean. 'none': no test. */
  klMeasure: z.enum(['mean', 'max', 'none']).default('mean'),
});
export type LineSearchOptions = z.output<typeof lineSearchSchema>;

/** The objective and the divergence from the old policy at one candidate. */
export interface Candidate {
  readonly objective: number;
  readonly meanKl: number;
  readonly maxKl: number;
}

export interface LineSearchResult extends Candidate {
  /** Fraction of the full step taken; 0: none was acceptable, stay. */
  readonly fraction: number;
  /** Candidates looked at */
  readonly evaluations: number;
}

/**
 * Backtracking from the full step until the objective improves enough and the policy stays within the KL limit
 * (appendix C).
 * @param evaluate the candidate at a fraction of the full step
 * @param start the objective at fraction 0
 * @param expected improvement the gradient promises for the full step
 * @param klLimit δ
 */
export async function lineSearch(
  evaluate: (fraction: number) => Promise<Candidate>,
  start: number,
  expected: number,
  klLimit: number,
  options: LineSearchOptions,
): Promise<LineSearchResult> {
  let fraction = 1;
  for (let tried = 1; tried <= options.tries; tried++) {
    const candidate = await evaluate(fraction);
    if (improves(candidate, start, expected * fraction, options) && withinLimit(candidate, klLimit, options)) {
      return { ...candidate, fraction, evaluations: tried };
    }
    fraction *= options.factor;
  }
  return { objective: start, meanKl: 0, maxKl: 0, fraction: 0, evaluations: options.tries };
}

function improves(candidate: Candidate, start: number, expected: number, options: LineSearchOptions): boolean {
  const improvement = candidate.objective - start;
  if (!(improvement > 0)) return false;
  return !options.ratioTest || improvement > options.improvementRatio * expected;
}

function withinLimit(candidate: Candidate, klLimit: number, options: LineSearchOptions): boolean {
  if (options.klMeasure === 'none') return true;
  const kl = options.klMeasure === 'max' ? candidate.maxKl : candidate.meanKl;
  return kl <= options.klLimitMultiple * klLimit;
}
