import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isList, isObject } from '../base/kinds.js';
import { spaceSize } from '../env/spaces.js';
import type { ActionSpace, EnvSpec } from '../env/types.js';
import type { NetworkSpec } from '../network/types.js';
import { makeDistribution } from './distribution.js';
import { policyLayout } from './policy-layout.js';
import type { ActingPolicy, Distribution, PolicySpec } from './types.js';

/**
 * Refuses a policy that cannot act in an environment: rows would be read across slots. Scalings need not be equal: a
 * policy brings its own.
 * @throws ArgumentError naming what differs
 */
export function checkPolicyFits(policy: PolicySpec, env: EnvSpec): void {
  const { network, distribution } = isObject(policy) ? policy : ({} as Partial<PolicySpec>);
  if (!isList(network?.inputShape) || typeof distribution !== 'object') {
    throw new ArgumentError(`the policy's specification is ${describeValue(policy)}`, {
      value: policy,
      expected: 'a PolicySpec, as of a policy',
    });
  }
  checkParts(network, makeDistribution(distribution), env);
}

/** The same of an engine and a distribution. @throws ArgumentError naming what differs, or is missing */
export function checkActingPolicy(policy: ActingPolicy, env: EnvSpec): void {
  const { engine, distribution } = checkActing(policy);
  checkParts(engine.spec, distribution, env);
}

/** @throws ArgumentError unless an engine and a distribution are there and fit each other */
export function checkActing(policy: ActingPolicy): ActingPolicy {
  const { engine, distribution } = policy ?? {};
  if (typeof engine?.forward !== 'function' || typeof distribution?.sample !== 'function') {
    throw new ArgumentError(`the policy is ${describeValue(policy)}`, {
      value: policy,
      expected: 'an object of an engine and a distribution, such as a Policy',
    });
  }
  if (engine.outputSize !== distribution.distParamSize) {
    throw new ArgumentError(`an engine of ${engine.outputSize} outputs for a ${distribution.spec.kind} distribution`, {
      value: engine.outputSize,
      expected: `${distribution.distParamSize} outputs`,
    });
  }
  return policy;
}

function checkParts(network: NetworkSpec, distribution: Distribution, env: EnvSpec): void {
  const { shape, dtype } = env.observationSpace;
  const observes = `${network.inputType} [${network.inputShape.join(', ')}]`;
  const given = `${dtype} [${shape.join(', ')}]`;
  if (observes !== given) refuse(`a policy that observes ${observes}`, given, env);
  if (actionsOf(distribution) !== actionsTaken(env.actionSpace)) {
    refuse(`a policy whose actions are ${actionsOf(distribution)}`, actionsTaken(env.actionSpace), env);
  }
}

function refuse(policy: string, expected: string, env: EnvSpec): never {
  throw new ArgumentError(`${policy} does not fit the environment "${env.id}"`, {
    value: policy,
    expected,
    hint: 'Use the environment that the policy was trained on',
  });
}

function actionsOf({ choices, actionSize }: Distribution): string {
  return choices === undefined ? `${actionSize} real numbers` : `choices of [${choices.join(', ')}]`;
}

function actionsTaken(space: ActionSpace): string {
  return space.kind === 'box' ? `${spaceSize(space)} real numbers` : `choices of [${space.sizes.join(', ')}]`;
}

/** @throws ArgumentError unless it has a policy's specification and as many parameters */
export function checkStored(policy: { readonly spec: PolicySpec; readonly theta: Float32Array }): void {
  const { spec, theta } = policy ?? {};
  if (!isObject(spec) || !spec.network || !spec.distribution) {
    throw new ArgumentError(`the policy is ${describeValue(policy)}`, {
      value: policy,
      expected: 'a specification and θ, as readPolicy and train return',
    });
  }
  const count = policyLayout(spec).network.parameterCount;
  if (theta instanceof Float32Array && theta.length === count) return;
  throw new ArgumentError(`θ of the policy is ${describeValue(theta)}`, {
    value: theta,
    expected: `a Float32Array of ${count}, as its specification says`,
  });
}
