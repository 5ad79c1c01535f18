import { Pacer } from '../../base/scheduling.js';
import { getEnv } from '../../env/registry.js';
import type { EnvFactory } from '../../env/types.js';
import { type Distribution, makeDistribution } from '../../policy/distribution.js';
import { createEngine } from '../../policy/engines/index.js';
import type { PolicyEngine } from '../../policy/types.js';
import { train } from '../../train/train.js';
import { experimentConfig, getExperiment, parseAssignments } from '../index.js';
import type { ClaimContext } from './claim.js';

/** A policy after a little training, with everything to try things on it. */
export interface Agent {
  readonly env: EnvFactory;
  readonly engine: PolicyEngine;
  readonly distribution: Distribution;
  readonly theta: Float32Array;
  readonly pacer: Pacer;
}

/** Trains the preset of a task for some iterations of so many steps and runs `use` with the result. */
export async function withAgent<T>(
  task: string,
  { iterations, steps }: { iterations: number; steps: number },
  { threads, signal }: ClaimContext,
  use: (agent: Agent) => Promise<T>,
): Promise<T> {
  const settings = parseAssignments([`sampling.steps=${steps}`]);
  const config = experimentConfig(getExperiment(task), { method: 'single-path', seed: 1, iterations, settings });
  const { policy, theta } = await train(config, { threads, ...(signal === undefined ? {} : { signal }) });
  const engine = await createEngine(policy, 'native', { threads });
  try {
    await engine.setParameters(theta);
    const { id, settings: environment } = config.environment;
    const distribution = makeDistribution(policy.distribution);
    return await use({ env: getEnv(id, environment), engine, distribution, theta, pacer: new Pacer(signal) });
  } finally {
    engine.close();
  }
}
