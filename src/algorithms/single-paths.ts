import type { z } from 'zod';
import { SinglePathSampler, type singlePathSchema } from '../rollout/paths.js';
import type { AlgorithmContext } from './types.js';

/** Samples paths in all processes of a run. */
export function singlePaths(context: AlgorithmContext, sampling: z.input<typeof singlePathSchema>): SinglePathSampler {
  return new SinglePathSampler(context.env, context, sampling, context.threads, context.communicator);
}
