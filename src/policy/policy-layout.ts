import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { readOptions } from '../base/options.js';
import { type InitialThetaOptions, initialTheta } from '../network/initialise.js';
import { type NetworkLayout, networkLayout } from '../network/layout.js';
import { makeDistribution } from './distribution.js';
import type { Distribution, PolicySpec } from './types.js';

export interface PolicyLayout {
  /** The specification as plain data of its own. */
  readonly spec: PolicySpec;
  readonly network: NetworkLayout;
  readonly distribution: Distribution;
}

/**
 * Checks that network and distribution fit each other, and each itself.
 * @throws ArgumentError or NotFoundError naming what does not fit
 */
export function policyLayout(given: PolicySpec): PolicyLayout {
  if (!isObject(given)) {
    throw new ArgumentError('policy specification', {
      value: given,
      expected: 'an object of network and distribution',
    });
  }
  const distribution = makeDistribution(given.distribution);
  const network = networkLayout(given.network);
  const { distParamSize: m, outputs, spec } = distribution;
  if (network.outputSize !== m) {
    throw new ArgumentError(`a network of ${network.outputSize} outputs for a ${spec.kind} distribution`, {
      value: network.outputSize,
      expected: `${m} outputs, such as layers that emit ${outputs.emitted} and ${outputs.stateIndependent} stateIndependentOutputs`,
    });
  }
  return { spec: { network: network.spec, distribution: spec }, network, distribution };
}

export interface InitialPolicyOptions extends Pick<InitialThetaOptions, 'hidden' | 'output'> {
  /** Of the first actions (normalised: ±1 are the actuator bounds); what it means is the distribution's. Default 0.5 */
  readonly standardDeviation?: number;
}

/** θ of a policy to start from: `initialTheta` of its network, and the distribution's state-independent outputs. */
export function initialPolicyParameters(
  spec: PolicySpec,
  seed: number,
  options: InitialPolicyOptions = {},
): Float32Array {
  const { standardDeviation = 0.5, ...initialisers } = readOptions(
    options,
    ['hidden', 'output', 'standardDeviation'],
    'initial parameters',
  );
  if (!(standardDeviation > 0 && standardDeviation < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError(`standardDeviation = ${describeValue(standardDeviation)}`, {
      value: standardDeviation,
      expected: 'a finite number > 0',
    });
  }
  const { network, distribution } = policyLayout(spec);
  const wanted = network.outputSize - network.emittedSize;
  const values = distribution.initialStateIndependent?.(standardDeviation) ?? 0;
  // A network that divides its outputs otherwise starts them at 0.
  const fits = typeof values === 'number' || values.length === wanted;
  return initialTheta(network.spec, seed, { ...initialisers, stateIndependent: fits ? values : 0 });
}
