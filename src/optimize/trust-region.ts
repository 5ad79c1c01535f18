import { z } from 'zod';
import { TrellisError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { pacerOf } from '../base/scheduling.js';
import type { LoadedObservations, NetworkEngine } from '../network/types.js';
import type { Distribution } from '../policy/types.js';
import { checkProblem } from './arguments.js';
import { type ConjugateGradientResult, conjugateGradient } from './conjugate-gradient.js';
import { type LineSearchResult, lineSearch, lineSearchSchema } from './line-search.js';
import type { Objective } from './objectives.js';
import { evaluateOver, gradientOver, meanOverGroups, oneShare, type Shares, weightsOf } from './shares.js';
import { allFinite, dot, stepFrom, type Vector } from './vectors.js';

/** Options of solving F s = g, shared by the trust region and the natural gradient. */
export const metricSchema = z.strictObject({
  conjugateGradientIterations: z.int().min(1).max(10_000).default(10),
  /** CG stops when the squared residual falls below this, advantages counted in their own unit (see `Problem.unit`). */
  residualTolerance: z.number().min(0).default(1e-10),
  /** Added to the Fisher matrix's diagonal. */
  damping: z.number().min(0).default(0.01),
  /**
   * identity: damping · I. fancy: damping · diag of the mean over paths of the squared gradient of each path, as the
   * original code's single-path method.
   */
  dampingKind: z.enum(['identity', 'fancy']).default('identity'),
  /** Fisher products use every k-th sample (appendix C: 10 % of the data). */
  fisherEvery: z.int().min(1).default(10),
});
export type MetricOptions = z.output<typeof metricSchema>;

export const trustRegionSchema = metricSchema.extend({
  /** δ of Eq. 12: the bound on the mean KL divergence of one update, in nats. */
  klLimit: z.number().gt(0).default(0.01),
  /**
   * Share of δ that the full step aims at. The quadratic model leaves out what makes the real divergence some 5 % larger
   * when the policy narrows; at 1, as printed, the line search would halve nearly every step for that.
   */
  klTarget: z.number().gt(0).max(1).default(0.9),
  /** false: take the full step as it is (to show what the line search is for). */
  useLineSearch: z.boolean().default(true),
  lineSearch: lineSearchSchema.prefault({}),
});
export type TrustRegionOptions = z.output<typeof trustRegionSchema>;

/** What is to be improved, and from where. */
export interface Problem {
  readonly engine: NetworkEngine;
  readonly distribution: Distribution;
  /** Parameters of the policy that sampled [P]; not changed. */
  readonly theta: Float32Array;
  readonly data: LoadedObservations;
  /** Distribution parameters at θ [S × m] */
  readonly old: Float32Array;
  readonly objective: Objective;
  /**
   * What counts as 1 in the objective's advantages, so that the step does not depend on the unit of the rewards. Default:
   * the length of the gradient.
   */
  readonly unit?: number | undefined;
  /** Damping of each parameter [P] in place of `damping` for all; see `pathDamping`. */
  readonly dampingDiagonal?: Float64Array | undefined;
  /** The batch's groups where it has several; `data`, `old` and `objective` are then of this process's first. */
  readonly shares?: Shares | undefined;
  /** The metric's product with a vector, in place of the analytic Fisher matrix on a subsample. */
  readonly metricProduct?: (v: Float32Array) => Promise<Vector>;
  readonly signal?: AbortSignal | undefined;
}

export interface StepDiagnostics {
  readonly objectiveBefore: number;
  readonly objectiveAfter: number;
  readonly meanKl: number;
  readonly maxKl: number;
  /** Fraction of the full step taken; 0: stayed */
  readonly stepFraction: number;
  readonly gradientNorm: number;
  readonly stepNorm: number;
  /** Improvement the gradient promised for the full step */
  readonly expectedImprovement: number;
  readonly cgIterations: number;
  readonly cgResidual: number;
  readonly lineSearchEvaluations: number;
}

export interface Step {
  /** The new θ [P]; equal to the old where no step was acceptable. The engine holds it too. */
  readonly theta: Float32Array;
  readonly diagnostics: StepDiagnostics;
}

/**
 * One update of appendix C: maximise the objective subject to mean KL(old || new) <= δ. The gradient g, the direction
 * s = A^-1 g by conjugate gradient, the scale β = sqrt(2 δ / s'A s) (δ less a margin, see `klTarget`), then the line search along β s.
 */
export async function trustRegionStep(problem: Problem, given: z.input<typeof trustRegionSchema> = {}): Promise<Step> {
  const options = parseOptions(trustRegionSchema, given, 'trust region options');
  checkProblem(problem);
  const { gradient, start } = await gradientAt(problem);
  const { solution, curvature } = await solveMetric(problem, gradient, options);
  if (!(curvature > 0)) return stay(problem, start, gradient, solution);

  const beta = Math.sqrt((2 * options.klTarget * options.klLimit) / curvature);
  const step = solution.x.map((s) => beta * s);
  const expected = dot(gradient, step);
  const evaluate = (fraction: number) => evaluateAt(problem, stepFrom(problem.theta, fraction, step));
  const result: LineSearchResult = options.useLineSearch
    ? await lineSearch(evaluate, start, expected, options.klLimit, options.lineSearch)
    : { ...(await evaluate(1)), fraction: 1, evaluations: 1 };
  return accept(problem, { start, gradient, solution, step, expected, result });
}

/** Gradient of the objective in θ [P], and the objective's value, at the old θ. */
export async function gradientAt(problem: Problem): Promise<{ gradient: Float32Array; start: number }> {
  const { engine, signal } = problem;
  await engine.setTheta(problem.theta);
  const { gradient, start } = await gradientOver(problem.shares ?? oneShare(problem), engine, signal);
  if (!allFinite(gradient) || !Number.isFinite(start)) {
    throw new TrellisError('ERR_DIVERGED', 'the gradient of the objective is not finite', {
      hint: 'Look for extreme rewards or observations in the environment, or lower the KL limit',
    });
  }
  return { gradient, start };
}

/** Solves (F + damping) s = g by conjugate gradient and gives s'(F + damping) s with it. */
export async function solveMetric(
  problem: Problem,
  gradient: Vector,
  options: MetricOptions,
): Promise<{ solution: ConjugateGradientResult; curvature: number }> {
  const { dampingDiagonal, signal } = problem;
  const pacer = pacerOf(signal);
  const { unit = Math.sqrt(dot(gradient, gradient)) } = problem;
  const fisher = fisherOver(problem, options.fisherEvery);
  const metric = problem.metricProduct ?? fisher.product;
  const product = async (v: Float32Array) => {
    if (pacer.due()) await pacer.pause();
    const result = Float64Array.from(await metric(v));
    for (let i = 0; i < v.length; i++) result[i] += (dampingDiagonal?.[i] ?? options.damping) * v[i];
    return result;
  };
  try {
    const solution = await conjugateGradient(product, gradient, {
      iterations: options.conjugateGradientIterations,
      residualTolerance: options.residualTolerance * unit ** 2,
    });
    const curvature = dot(solution.x, await product(Float32Array.from(solution.x)));
    return { solution, curvature };
  } finally {
    fisher.release();
  }
}

/** Products with the Fisher matrix of every k-th row of each group. */
function fisherOver(problem: Problem, every: number) {
  const { engine, distribution } = problem;
  const { groups, own } = problem.shares ?? oneShare(problem);
  const parts = own.map(({ data, old }) => ({
    data: data.subset(every),
    metric: distribution.metric(everyRow(old, distribution.distParamSize, every)),
  }));
  const weights = weightsOf(parts);
  return {
    async product(v: Float32Array): Promise<Vector> {
      const products: Vector[] = [];
      for (const { data, metric } of parts) products.push(await engine.fisherVectorProduct(data, v, metric));
      return meanOverGroups(groups, products, weights);
    },
    release() {
      for (const { data } of parts) data.release();
    },
  };
}

/** Rows 0, every, 2 every, … of [S × size]. */
function everyRow(rows: Float32Array, size: number, every: number): Float32Array {
  if (every === 1) return rows;
  const count = Math.ceil(rows.length / size / every);
  const out = new Float32Array(count * size);
  for (let i = 0; i < count; i++) out.set(rows.subarray(i * every * size, (i * every + 1) * size), i * size);
  return out;
}

/** Objective and divergences at a candidate θ; leaves it in the engine. */
export async function evaluateAt(problem: Problem, theta: Float32Array) {
  const { engine, distribution, signal } = problem;
  await engine.setTheta(theta);
  return evaluateOver(problem.shares ?? oneShare(problem), engine, distribution, signal);
}

interface Taken {
  readonly start: number;
  readonly gradient: Float32Array;
  readonly solution: Omit<ConjugateGradientResult, 'x'>;
  /** The full step */
  readonly step: Float64Array;
  readonly expected: number;
  readonly result: LineSearchResult;
}

/** Parameters and figures of a step that was chosen. */
export async function accept(problem: Pick<Problem, 'engine' | 'theta'>, taken: Taken): Promise<Step> {
  const { start, gradient, solution, step, expected, result } = taken;
  const theta = stepFrom(problem.theta, result.fraction, step);
  await problem.engine.setTheta(theta);
  const diagnostics = {
    objectiveBefore: start,
    objectiveAfter: result.objective,
    meanKl: result.meanKl,
    maxKl: result.maxKl,
    stepFraction: result.fraction,
    gradientNorm: Math.sqrt(dot(gradient, gradient)),
    stepNorm: result.fraction * Math.sqrt(dot(step, step)),
    expectedImprovement: expected,
    cgIterations: solution.iterations,
    cgResidual: solution.residual,
    lineSearchEvaluations: result.evaluations,
  };
  return { theta, diagnostics };
}

/** θ as it is, and figures that say so. @param start the objective there */
export function stay(
  problem: Pick<Problem, 'engine' | 'theta'>,
  start: number,
  gradient: Float32Array = new Float32Array(problem.theta.length),
  solution: Omit<ConjugateGradientResult, 'x'> = { residual: 0, iterations: 0 },
): Promise<Step> {
  const step = new Float64Array(gradient.length);
  const result = { objective: start, meanKl: 0, maxKl: 0, fraction: 0, evaluations: 0 };
  return accept(problem, { start, gradient, solution, step, expected: 0, result });
}
