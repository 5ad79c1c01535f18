import { z } from 'zod';
import { minimizeLbfgs } from '../optimize/lbfgs.js';
import { klDivergence, logLikelihood } from '../optimize/objectives.js';
import type { Step } from '../optimize/trust-region.js';
import { gatherRows } from '../rollout/rows.js';
import type { PathBatch } from '../rollout/types.js';
import type { StartingPoint } from './on-policy.js';

export const fitSchema = z.strictObject({
  /** Evaluations of the likelihood and its gradient at most. */
  evaluations: z.int().min(1).max(10_000).default(100),
});
export type FitOptions = z.output<typeof fitSchema>;

/**
 * Fits the policy to some of a batch's actions by weighted maximum likelihood (L-BFGS, started at the present θ): the
 * update of reward-weighted regression and of REPS.
 * @param rows samples to fit
 * @param weights of those samples; scaled to sum to their number
 */
export async function fitByLikelihood(
  batch: PathBatch,
  start: StartingPoint,
  rows: Int32Array,
  weights: Float64Array,
  options: FitOptions,
): Promise<Step> {
  const { engine, distribution, theta, old, signal } = start;
  const width = batch.observations.length / batch.states;
  const observations = batch.observations.slice(0, rows.length * width);
  gatherRows(batch.observations, rows, rows.length, width, observations, 0);
  const actions = distribution.makeActions(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const d = distribution.actionSize;
    for (let j = 0; j < d; j++) actions[i * d + j] = batch.actions[rows[i] * d + j];
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const scaled = weights.map((weight) => (weight * rows.length) / total);
  const objective = logLikelihood(distribution, { actions }, scaled);
  const data = await engine.load(observations, rows.length);
  let before = Number.NaN;
  try {
    const result = await minimizeLbfgs(
      async (x) => {
        await engine.setTheta(Float32Array.from(x));
        const distParams = await engine.evaluate(data);
        const value = await objective.value(distParams, signal);
        if (Number.isNaN(before)) before = value;
        const gradient = await engine.vjp(data, await objective.cotangents(distParams, signal));
        return { value: -value, gradient: Float64Array.from(gradient, (g) => -g) };
      },
      theta,
      { maxEvaluations: options.evaluations },
    );
    const fitted = Float32Array.from(result.x);
    await engine.setTheta(fitted);
    const kl = await klDivergence(distribution, old, await engine.evaluate(start.data), signal);
    const step = Math.sqrt(fitted.reduce((sum, value, i) => sum + (value - theta[i]) ** 2, 0));
    const diagnostics = {
      objectiveBefore: before,
      objectiveAfter: -result.value,
      meanKl: kl.mean,
      maxKl: kl.max,
      stepFraction: 1,
      gradientNorm: Number.NaN,
      stepNorm: step,
      expectedImprovement: Number.NaN,
      cgIterations: 0,
      cgResidual: Number.NaN,
      lineSearchEvaluations: result.evaluations,
    };
    return { theta: fitted, diagnostics };
  } finally {
    data.release();
  }
}
