import { checkMade, type Method } from '../algorithms/define.js';
import type { Algorithm } from '../algorithms/types.js';
import type { Communicator } from '../cluster/communicator.js';
import type { EnvFactory } from '../env/types.js';
import { checkArray } from '../native/arrays.js';
import { createEngine } from '../network/engines/index.js';
import { makeDistribution } from '../policy/distribution.js';
import type { PolicySpec } from '../policy/types.js';
import type { RunConfig } from './config.js';
import { firstParameters } from './first-policy.js';
import { withStatistics } from './statistics.js';

/** What a run is made of. */
export interface Parts {
  readonly method: Method;
  readonly env: EnvFactory;
  readonly policy: PolicySpec;
  readonly algorithm: Algorithm;
  /** θ of the algorithm [P]; not a copy. @throws ArgumentError if it is not of the policy's size */
  theta(): Float32Array;
  close(): void;
}

/** Makes policy, engine and algorithm as a configuration says. @param begun the run has a checkpoint to go on from */
export async function makeParts(
  config: RunConfig,
  method: Method,
  env: EnvFactory,
  threads?: number,
  begun = false,
  communicator?: Communicator,
): Promise<Parts> {
  const policy = method.policySpec(env.spec, config.policy, config.options);
  const limits = threads === undefined ? {} : { threads };
  const engine = await createEngine(policy.network, config.engine, limits);
  try {
    // A run that goes on has its θ in the checkpoint: what it began with may be gone.
    const { from: _, ...drawn } = config.policy;
    const first = begun ? { ...config, policy: drawn } : config;
    const context = {
      env,
      policy,
      engine,
      distribution: makeDistribution(policy.distribution),
      initialTheta: await firstParameters(first, policy),
      seed: config.seed,
      ...limits,
      ...(communicator === undefined ? {} : { communicator }),
    };
    const made = checkMade(method.name, await method.create(context, config.options));
    const algorithm = withStatistics(made, env);
    const close = () => {
      algorithm.close();
      engine.close();
    };
    const theta = () =>
      checkArray(`theta() of method "${method.name}"`, algorithm.theta(), 'Float32Array', engine.parameterCount, {
        exact: true,
        shared: true,
      });
    return { method, env, policy, algorithm, theta, close };
  } catch (error) {
    engine.close();
    throw error;
  }
}
