import { z } from 'zod';
import { MemoryError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { CmaEs, type CmaEsState } from '../optimize/cma-es.js';
import { PopulationMethod } from './population.js';
import type { AlgorithmDefinition } from './types.js';

export const cmaEsSchema = z.strictObject({
  /** Candidates, and episodes, per iteration. */
  population: z.int().min(4).max(65_536).default(256),
  /** First step size σ. */
  initialSigma: z.number().gt(0).default(0.1),
});
export type CmaEsOptions = z.output<typeof cmaEsSchema>;

/** Parameters beyond which the dense covariance's eigenvectors take longer than the simulation. */
const MAX_PARAMETERS = 2000;

/** CMA-ES on θ, log standard deviations included (section 8.1). */
export const cmaEs: AlgorithmDefinition<CmaEsOptions> = {
  name: 'cma-es',
  summary: 'covariance matrix adaptation evolution strategy on the parameters; small policies only',
  parseOptions: (input) => parseOptions(cmaEsSchema, input, 'settings of cma-es'),
  create(context, { population, initialSigma }) {
    const size = context.engine.parameterCount;
    if (size > MAX_PARAMETERS) {
      throw new MemoryError(
        `CMA-ES keeps a dense ${size} × ${size} covariance (${Math.ceil((8 * size ** 2) / 2 ** 20)} MiB)`,
        {
          value: size,
          expected: `at most ${MAX_PARAMETERS} parameters`,
          hint: 'Use method cem, whose covariance is diagonal',
        },
      );
    }
    const search = new CmaEs(context.initialParameters, initialSigma, population);
    return new PopulationMethod('cma-es', context, {
      population,
      ask: (noise) => search.ask(noise),
      tell: (candidates, fitness) => search.tell(candidates, fitness),
      parameters: () => Float32Array.from(search.mean),
      save: () => ({ ...search.save() }),
      load: ({ theta: _, ...state }) => search.load(state as unknown as CmaEsState),
    });
  },
};
