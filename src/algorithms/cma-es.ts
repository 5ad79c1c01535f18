import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { CmaEs, type CmaEsState } from '../optimize/cma-es.js';
import { surrogateColumns } from './columns.js';
import { defineAlgorithm } from './define.js';
import { PopulationMethod } from './population.js';

export const cmaEsSchema = z.strictObject({
  /** Candidates, and episodes, per iteration. */
  population: z.int().min(4).max(65_536).default(256),
  /** First step size σ. */
  initialSigma: z.number().gt(0).default(0.1),
});
export type CmaEsOptions = z.output<typeof cmaEsSchema>;

const MAX_PARAMETERS = 2000;

/** CMA-ES on θ, log standard deviations included (section 8.1). */
export const cmaEs = defineAlgorithm({
  name: 'cma-es',
  distributed: true,
  summary: 'covariance matrix adaptation evolution strategy on the parameters; small policies only',
  options: cmaEsSchema,
  columns: surrogateColumns,
  create(context, { population, initialSigma }) {
    const size = context.engine.parameterCount;
    if (size > MAX_PARAMETERS) {
      throw new ArgumentError(`CMA-ES finds the eigenvectors of a ${size} × ${size} covariance at every iteration`, {
        value: size,
        expected: `at most ${MAX_PARAMETERS} parameters: beyond that they take longer than the simulation`,
        hint: 'Use method cem, whose covariance is diagonal',
      });
    }
    const search = new CmaEs(context.initialTheta, initialSigma, population);
    return new PopulationMethod(context, {
      population,
      ask: (noise) => search.ask(noise),
      tell: (candidates, fitness) => search.tell(candidates, fitness),
      theta: () => Float32Array.from(search.mean),
      save: () => ({ ...search.save() }),
      load: ({ theta: _, ...state }) => search.load(state as unknown as CmaEsState),
    });
  },
});
