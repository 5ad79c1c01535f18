import { isList } from '../base/kinds.js';
import { readOptions } from '../base/options.js';
import { checkSeed } from '../base/random.js';
import type { ActionArray, ObservationArray } from '../env/types.js';
import { checkArray } from '../native/arrays.js';
import { createEngine } from '../network/engines/index.js';
import type { EngineOptions, NetworkEngine } from '../network/types.js';
import { checkAnswers, listedRows, rowCount, rowKey } from './acting.js';
import { policyLayout } from './policy-layout.js';
import { checkStored, readPolicy, type StoredPolicy } from './storage.js';
import type { ActingPolicy, Distribution, PolicySpec } from './types.js';

export interface ActOptions {
  /** Take the most likely action instead of drawing one. Default false. */
  deterministic?: boolean;
}

/** A policy ready to act: specification, θ, and an engine of its own. */
export class Policy implements ActingPolicy {
  private draws = 0;
  private seed = 0;

  private constructor(
    readonly spec: PolicySpec,
    readonly theta: Float32Array,
    readonly metadata: StoredPolicy['metadata'],
    readonly engine: NetworkEngine,
    readonly distribution: Distribution,
  ) {}

  /** @param engine `native` unless named */
  static async create(
    stored: Omit<StoredPolicy, 'metadata'> & Partial<StoredPolicy>,
    engine?: string,
    options?: EngineOptions,
  ): Promise<Policy> {
    checkStored(stored);
    const { theta, metadata = {} } = stored;
    const { spec, distribution } = policyLayout(stored.spec);
    const running = await createEngine(spec.network, engine, options);
    try {
      await running.setTheta(theta);
    } catch (error) {
      running.close();
      throw error;
    }
    return new Policy(spec, theta, metadata, running, distribution);
  }

  /**
   * Restarts the stream of `act`'s draws.
   * @param seed 0 … 2^53 - 1
   */
  reseed(seed: number): void {
    this.seed = checkSeed(seed);
    this.draws = 0;
  }

  /**
   * Actions for one or more observations (rows of `observations`); drawn unless `deterministic`. None for none.
   * @returns [n × action size]: Float32 in normalised units (box actions) or Int32 choices (discrete ones)
   * @throws ArgumentError if the observations are no whole rows, or the policy answers one of them with what is no number
   */
  async act(observations: ObservationArray | readonly number[], options: ActOptions = {}): Promise<ActionArray> {
    const { deterministic = false } = readOptions(options, ['deterministic'], 'act options');
    const rows = this.rows(observations);
    const count = rowCount(rows, this.spec.network);
    const distParams = await this.engine.forward(rows, count);
    checkAnswers(rows, distParams, count);
    if (deterministic) return this.distribution.mode(distParams);
    const actions = this.distribution.makeActions(count);
    const keys = new Uint32Array(2 * count);
    for (let i = 0; i < count; i++) keys.set(rowKey(this.seed, i), 2 * i);
    const times = new Int32Array(count).fill(this.draws++);
    this.distribution.sample(distParams, keys, times, actions, new Float32Array(count));
    return actions;
  }

  private rows(observations: ObservationArray | readonly number[]): ObservationArray {
    const type = this.spec.network.inputType === 'uint8' ? 'Uint8Array' : 'Float32Array';
    if (!isList(observations)) return checkArray('observations', observations, type, 0, { shared: true });
    return listedRows(observations, this.spec.network);
  }

  close(): void {
    this.engine.close();
  }
}

/** Loads a policy from a run directory (or any folder `savePolicy` wrote) and readies it to act. */
export async function loadPolicy(directory: string, engine?: string, options?: EngineOptions): Promise<Policy> {
  return Policy.create(await readPolicy(directory), engine, options);
}
