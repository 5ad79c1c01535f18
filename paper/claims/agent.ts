import {
  type ActingPolicy,
  createEngine,
  type EnvFactory,
  experimentConfig,
  getEnv,
  getExperiment,
  makeDistribution,
  parseAssignments,
  train,
} from '../../src/index.js';
import type { ClaimContext } from './claim.js';

/** A policy after a little training, with everything to try things on it. */
export interface Agent extends ActingPolicy {
  readonly env: EnvFactory;
  readonly theta: Float32Array;
  readonly signal?: AbortSignal | undefined;
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
  const engine = await createEngine(policy.network, 'native', { threads });
  try {
    await engine.setTheta(theta);
    const { id, settings: environment } = config.environment;
    const distribution = makeDistribution(policy.distribution);
    return await use({ env: getEnv(id, environment), engine, distribution, theta, signal });
  } finally {
    engine.close();
  }
}
