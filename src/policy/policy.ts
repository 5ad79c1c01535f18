import { foldKey } from '../base/random.js';
import type { ActionArray, ObservationArray } from '../env/types.js';
import { type Distribution, makeDistribution } from './distribution.js';
import { createEngine } from './engines/index.js';
import { readPolicy, type StoredPolicy } from './storage.js';
import type { EngineOptions, PolicyEngine, PolicySpec } from './types.js';

export interface ActOptions {
  /** Take the most likely action instead of drawing one. Default false. */
  deterministic?: boolean;
}

/** A policy ready to act: specification, θ, and an engine of its own. */
export class Policy {
  private draws = 0;
  private seed = 0;

  private constructor(
    readonly spec: PolicySpec,
    readonly theta: Float32Array,
    readonly metadata: StoredPolicy['metadata'],
    readonly engine: PolicyEngine,
    readonly distribution: Distribution,
  ) {}

  /** @param engine `native` unless named */
  static async create(
    stored: Omit<StoredPolicy, 'metadata'> & Partial<StoredPolicy>,
    engine?: string,
    options?: EngineOptions,
  ): Promise<Policy> {
    const running = await createEngine(stored.spec, engine, options);
    await running.setParameters(stored.theta);
    return new Policy(
      stored.spec,
      stored.theta,
      stored.metadata ?? {},
      running,
      makeDistribution(stored.spec.distribution),
    );
  }

  /** Restarts the stream of `act`'s draws. */
  reseed(seed: number): void {
    this.seed = seed;
    this.draws = 0;
  }

  /**
   * Actions for one or more observations (rows of `observations`); drawn unless `deterministic`.
   * @returns [n × action size]: Float32 in normalised units (gaussian) or Int32 choices (categorical)
   */
  async act(observations: ObservationArray | readonly number[], options: ActOptions = {}): Promise<ActionArray> {
    const { inputShape, inputType } = this.spec.network;
    const rows = ArrayBuffer.isView(observations)
      ? (observations as ObservationArray)
      : inputType === 'uint8'
        ? Uint8Array.from(observations)
        : Float32Array.from(observations);
    const count = rows.length / inputShape.reduce((a, b) => a * b, 1);
    const parameters = await this.engine.forward(rows, count);
    if (options.deterministic === true) return this.distribution.mode(parameters);
    const actions = this.distribution.makeActions(count);
    const keys = new Uint32Array(2 * count);
    for (let i = 0; i < count; i++) keys.set(foldKey([this.seed >>> 0, 0], i, 0), 2 * i);
    const times = new Int32Array(count).fill(this.draws++);
    this.distribution.sample(parameters, keys, times, actions, new Float32Array(count));
    return actions;
  }

  close(): void {
    this.engine.close();
  }
}

/** Loads a policy from a run directory (or any folder `savePolicy` wrote) and readies it to act. */
export async function loadPolicy(directory: string, engine?: string, options?: EngineOptions): Promise<Policy> {
  return Policy.create(await readPolicy(directory), engine, options);
}
