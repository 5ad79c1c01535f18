import { z } from 'zod';
import { estimatorSchema } from '../estimate/advantages.js';
import { groupedAdvantages } from '../estimate/grouped-advantages.js';
import { accept, evaluateAt, gradientAt, stay } from '../optimize/trust-region.js';
import { dot, stepFrom } from '../optimize/vectors.js';
import { singlePathSchema } from '../rollout/paths.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { groupedProblem, OnPolicyMethod } from './on-policy.js';
import { singlePaths } from './single-paths.js';
import { surrogate } from './surrogate.js';

export const policyGradientSchema = z.strictObject({
  sampling: singlePathSchema.prefault({ steps: 50_000, slots: 50 }),
  estimator: estimatorSchema.prefault({}),
  /** constraint: the step has length sqrt(2 · limit). penalty: the step is the gradient over `penalty`. */
  form: z.enum(['constraint', 'penalty']).default('constraint'),
  /** δ of Eq. 19: bound on half the squared length of the step. */
  limit: z.number().gt(0).default(0.01),
  penalty: z.number().gt(0).default(1),
});
export type PolicyGradientOptions = z.output<typeof policyGradientSchema>;

/** The standard policy gradient: the surrogate's linear approximation under an l2 constraint or penalty (Eq. 19). */
export const policyGradient = defineAlgorithm({
  name: 'policy-gradient',
  distributed: true,
  summary: 'plain policy gradient, an l2 constraint in place of the KL divergence (Eq. 19)',
  options: policyGradientSchema,
  columns: surrogateColumns,
  create(context, { sampling, estimator, form, limit, penalty }) {
    return new OnPolicyMethod(context, {
      sampler: singlePaths(context, sampling),
      async update(batch, starting, iteration) {
        const values = await groupedAdvantages(batch, estimator, iteration);
        const problem = groupedProblem(batch, starting, surrogate(starting, values.own));
        const { gradient, start } = await gradientAt(problem);
        const length = Math.sqrt(dot(gradient, gradient));
        if (length === 0) return stay(problem, start, gradient, { residual: Number.NaN, iterations: 0 });
        const scale = form === 'penalty' ? 1 / penalty : Math.sqrt(2 * limit) / length;
        const step = Float64Array.from(gradient, (g) => g * scale);
        const candidate = await evaluateAt(problem, stepFrom(starting.theta, 1, step));
        const result = { ...candidate, fraction: 1, evaluations: 1 };
        const solution = { x: step, residual: Number.NaN, iterations: 0 };
        return accept(problem, { start, gradient, solution, step, expected: dot(gradient, step), result });
      },
    });
  },
});
