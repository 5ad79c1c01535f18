import { z } from 'zod';
import { CrossEntropySearch } from '../optimize/cross-entropy.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { PopulationMethod } from './population.js';

export const cemSchema = z.strictObject({
  /** Candidates, and episodes, per iteration. */
  population: z.int().min(2).max(65_536).default(256),
  eliteFraction: z.number().gt(0).max(1).default(0.1),
  /** Variance of the first candidates. The original code put its "initial std" 0.1 in the variance's place. */
  initialVariance: z.number().gt(0).default(0.1),
  /** Standard deviation of the extra noise, squared and added to the elite's variance. */
  extraStd: z.number().min(0).default(0.1),
  /** Iterations over which the extra noise fades. */
  extraDecay: z.int().min(1).default(20),
  /** step: full until extraDecay, then none (what the original code did); linear: a ramp (what it meant). */
  extraSchedule: z.enum(['step', 'linear']).default('step'),
});
export type CemOptions = z.output<typeof cemSchema>;

/** The cross-entropy method on θ, log standard deviations included (section 8.1; Szita & Lőrincz 2006). */
export const cem = defineAlgorithm({
  name: 'cem',
  distributed: true,
  summary: 'cross-entropy method on the parameters, with extra noise',
  options: cemSchema,
  columns: surrogateColumns,
  create(context, { population, initialVariance, ...options }) {
    const search = new CrossEntropySearch(context.initialTheta, initialVariance, population, options);
    return new PopulationMethod(context, {
      population,
      ask: (noise) => search.ask(noise),
      tell: (candidates, fitness) => search.tell(candidates, fitness),
      theta: () => Float32Array.from(search.mean),
      save: () => ({
        mean: search.mean.slice(),
        variance: search.variance.slice(),
        generation: Int32Array.of(search.generation),
      }),
      load({ mean, variance, generation }) {
        search.mean.set(mean);
        search.variance.set(variance);
        search.generation = generation[0];
      },
    });
  },
});
