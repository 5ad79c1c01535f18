import { z } from 'zod';
import { estimatorSchema } from '../estimate/advantages.js';
import { groupedAdvantages } from '../estimate/grouped-advantages.js';
import { accept, evaluateAt, gradientAt, metricSchema, solveMetric, stay } from '../optimize/trust-region.js';
import { dot, stepFrom } from '../optimize/vectors.js';
import { singlePathSchema } from '../rollout/paths.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { groupedProblem, OnPolicyMethod } from './on-policy.js';
import { singlePaths } from './single-paths.js';
import { surrogate } from './surrogate.js';

export const naturalGradientSchema = z.strictObject({
  sampling: singlePathSchema.prefault({ steps: 50_000, slots: 50 }),
  estimator: estimatorSchema.prefault({}),
  /** λ of Eq. 18; the step is F^-1 g / λ. The paper sweeps it in factors of three. */
  penalty: z.number().gt(0).default(0.3),
  metric: metricSchema.omit({ dampingKind: true }).prefault({}),
});
export type NaturalGradientOptions = z.output<typeof naturalGradientSchema>;

/** The natural policy gradient with a fixed penalty coefficient (Eq. 18): no KL bound, no line search. */
export const naturalGradient = defineAlgorithm({
  name: 'natural-gradient',
  distributed: true,
  summary: 'natural policy gradient with a fixed step size (Eq. 18)',
  options: naturalGradientSchema,
  columns: surrogateColumns,
  create(context, { sampling, estimator, penalty, metric }) {
    return new OnPolicyMethod(context, {
      sampler: singlePaths(context, sampling),
      async update(batch, starting, iteration) {
        const values = await groupedAdvantages(batch, estimator, iteration);
        const problem = { ...groupedProblem(batch, starting, surrogate(starting, values.own)), unit: values.unit };
        const { gradient, start } = await gradientAt(problem);
        if (!gradient.some((g) => g !== 0)) return stay(problem, start);
        const { solution } = await solveMetric(problem, gradient, { ...metric, dampingKind: 'identity' });
        const step = solution.x.map((s) => s / penalty);
        const candidate = await evaluateAt(problem, stepFrom(starting.theta, 1, step));
        const result = { ...candidate, fraction: 1, evaluations: 1 };
        return accept(problem, { start, gradient, solution, step, expected: dot(gradient, step), result });
      },
    });
  },
});
