import { cartpole } from '../../envs/classic/cartpole.js';
import { getAlgorithm } from '../../src/algorithms/index.js';
import type { Algorithm } from '../../src/algorithms/types.js';
import { createEngine } from '../../src/network/engines/index.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import { initialPolicyParameters } from '../../src/policy/policy-layout.js';
import { policySettingsSchema, policySpecFor } from '../../src/policy/settings.js';

const env = cartpole();
const sampling = { steps: 2000, slots: 16 };

/** Runs `body` with a method on the cart-pole, a small hidden layer. */
export async function withMethod<T>(
  name: string,
  options: object,
  body: (method: Algorithm) => Promise<T>,
): Promise<T> {
  const policy = policySpecFor(env.spec, policySettingsSchema.parse({ hidden: [4] }));
  const engine = await createEngine(policy.network, 'reference');
  const definition = getAlgorithm(name);
  const distribution = makeDistribution(policy.distribution);
  const context = { env, policy, engine, distribution, initialTheta: initialPolicyParameters(policy, 1), seed: 1 };
  const method = await definition.create(context, definition.parseOptions({ sampling, ...options }));
  try {
    return await body(method);
  } finally {
    method.close();
    engine.close();
  }
}
