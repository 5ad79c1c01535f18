/**
 * trellis-rl/policy: stored policies without Node. Nothing that this module reaches imports `node:` or the native addon,
 * so any bundler takes it and any browser runs it. The network is the library's reference engine, in double precision.
 */
import { describeValue, typedArrayType } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';
import { checkSeed } from '../base/random.js';
import type { ActionArray, ObservationArray } from '../env/types.js';
import { ReferenceNetwork } from '../network/engines/reference-network.js';
import { type NetworkLayout, networkLayout } from '../network/layout.js';
import { checkAnswers, listedRows, rowCount, rowKey } from './acting.js';
import { type ActingDistribution, type ActingDistributionMaker, actingDistributions } from './draw.js';
import { decodePolicy, type StoredPolicy } from './stored.js';
import type { PolicySpec } from './types.js';

export * from '../base/errors.js';
export type { ActionArray, ObservationArray } from '../env/types.js';
export type * from '../network/types.js';
export type { ActingDistribution, ActingDistributionMaker } from './draw.js';
export type { StoredPolicy } from './stored.js';
export type { DistributionSpec, PolicySpec } from './types.js';
export { decodePolicy };

export interface PortablePolicyOptions {
  /** How kinds of distributions act that the library does not have itself. */
  readonly distributions?: Readonly<Record<string, ActingDistributionMaker>>;
}

export interface PortableActOptions {
  /** Take the most likely action instead of drawing one. Default false. */
  readonly deterministic?: boolean;
}

/** A policy that acts anywhere, at once (nothing is awaited). */
export class PortablePolicy {
  readonly spec: PolicySpec;
  readonly metadata: StoredPolicy['metadata'];
  /** Numbers per action */
  readonly actionSize: number;
  private readonly layout: NetworkLayout;
  private readonly network: ReferenceNetwork;
  private readonly distribution: ActingDistribution;
  private readonly theta: Float64Array;
  private seed = 0;
  private draws = 0;

  /** @throws ArgumentError, NotFoundError where specification, θ and distribution do not fit each other */
  constructor({ spec, theta, metadata }: StoredPolicy, options: PortablePolicyOptions = {}) {
    const { kind } = spec.distribution;
    const makers = { ...actingDistributions, ...options.distributions };
    const make = Object.hasOwn(makers, kind) ? makers[kind] : undefined;
    if (make === undefined) {
      const hint = `Give options.distributions an entry "${kind}"`;
      throw new NotFoundError('distribution', kind, Object.keys(makers), { hint });
    }
    this.layout = networkLayout(spec.network);
    this.distribution = make(spec.distribution);
    const { outputSize, parameterCount } = this.layout;
    const { distParamSize } = this.distribution;
    if (outputSize !== distParamSize) {
      throw new ArgumentError(`a network of ${outputSize} outputs for a ${kind} distribution`, {
        value: outputSize,
        expected: `${distParamSize} outputs`,
      });
    }
    if (theta.length !== parameterCount) {
      throw new ArgumentError(`θ of ${theta.length} numbers`, { value: theta.length, expected: `${parameterCount}` });
    }
    this.spec = { network: this.layout.spec, distribution: spec.distribution };
    this.metadata = metadata;
    this.actionSize = this.distribution.actionSize;
    this.network = new ReferenceNetwork(this.layout);
    this.theta = Float64Array.from(theta);
  }

  /**
   * Restarts the stream of `act`'s draws, which are those of `Policy.act` in Node.
   * @param seed 0 … 2^53 - 1
   */
  reseed(seed: number): void {
    this.seed = checkSeed(seed);
    this.draws = 0;
  }

  /**
   * Distribution parameters [n × m] for n observations, rows of the network's inputs.
   * @throws ArgumentError if they are no whole rows, or of another type than the network takes
   */
  outputs(observations: ObservationArray | readonly number[]): Float32Array {
    const rows = this.rows(observations);
    const count = rowCount(rows, this.spec.network);
    const out = new Float32Array(count * this.layout.outputSize);
    for (let i = 0; i < count; i++) {
      const trace = this.network.forward(this.theta, this.network.scaled(rows, i));
      out.set(this.network.row(trace, this.theta), i * this.layout.outputSize);
    }
    checkAnswers(rows, out, count);
    return out;
  }

  /**
   * Actions for one or more observations; drawn unless `deterministic`.
   * @returns [n × action size]: Float32 in normalised units (±1: the actuator's bounds) or Int32 choices
   * @throws ArgumentError as `outputs`, or if the policy answers an observation with what is no number
   */
  act(
    observations: ObservationArray | readonly number[],
    { deterministic = false }: PortableActOptions = {},
  ): ActionArray {
    const parameters = this.outputs(observations);
    const m = this.layout.outputSize;
    const count = parameters.length / m;
    const actions = this.distribution.makeActions(count);
    const time = deterministic ? 0 : this.draws++;
    for (let i = 0; i < count; i++) {
      const row = parameters.subarray(i * m, (i + 1) * m);
      const action = actions.subarray(i * this.actionSize, (i + 1) * this.actionSize);
      if (deterministic) this.distribution.mode(row, action);
      else this.distribution.sample(row, rowKey(this.seed, i), time, action);
    }
    return actions;
  }

  private rows(observations: ObservationArray | readonly number[]): ObservationArray {
    if (Array.isArray(observations)) return listedRows(observations as readonly number[], this.spec.network);
    const type = this.spec.network.inputType === 'uint8' ? 'Uint8Array' : 'Float32Array';
    if (typedArrayType(observations) === type) return observations as ObservationArray;
    throw new ArgumentError(`observations: ${describeValue(observations)}`, {
      value: observations,
      expected: `a ${type} or a list of numbers`,
    });
  }
}

/**
 * Readies a stored policy to act.
 * @param json the text of policy.json
 * @param tensors the bytes of policy.safetensors
 * @throws SyntaxError, RangeError or a TrellisError that says what is wrong with the files
 */
export function openPolicy(json: string, tensors: Uint8Array, options?: PortablePolicyOptions): PortablePolicy {
  return new PortablePolicy(decodePolicy(json, tensors), options);
}
