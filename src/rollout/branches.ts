import { Purpose, streamKey, streamKeys } from '../base/random.js';
import type { Pacer } from '../base/scheduling.js';
import type { ActionArray, EnvFactory, EnvSpec, ObservationArray, Snapshot, VectorEnv } from '../env/types.js';
import type { NetworkEngine } from '../network/types.js';
import type { ActingPolicy, Distribution } from '../policy/types.js';
import { checkFinite } from './finite.js';
import { gatherRows, scatterRows } from './rows.js';

/** Below this share of running branches the finished ones are left out of the forward pass. */
const COMPACT_BELOW = 0.75;

export interface BranchRequest {
  readonly seed: number;
  readonly iteration: number;
  /** γ */
  readonly discount: number;
  /** States to start from, one row each */
  readonly states: Snapshot;
  /** First action of each branch [A × act]; branch i starts from state floor(i / K) */
  readonly firstActions: ActionArray;
  /** Steps of each branch, the first action's included */
  readonly length: number;
  /** false: every branch has noise of its own instead of its state's */
  readonly commonNoise: boolean;
  readonly pacer: Pacer;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

export interface BranchResult {
  /** Discounted reward of each branch [A]; nothing is added after its end or beyond its length */
  readonly q: Float64Array;
  /** Steps really simulated */
  readonly steps: number;
}

/** What a branch takes at the least, beside its simulator: its observation twice, and its rows of the scratch memory. */
export function branchBytes({ observationSpace }: EnvSpec, { parameterSize, actionSize }: Distribution): number {
  const observation = observationSpace.shape.reduce((a, b) => a * b, 1) * (observationSpace.dtype === 'uint8' ? 1 : 4);
  return 2 * observation + 4 * (2 * parameterSize + 3 * actionSize) + 32;
}

/**
 * Vine's short rollouts (section 5.2): K branches from each state of the rollout set, all in one batch. The first action
 * is given; then the policy acts, with noise common to a state's branches. Ended branches stay frozen at reward 0.
 */
export class BranchRunner {
  private readonly env: VectorEnv;
  private readonly branches: number;
  private readonly distribution: Distribution;
  private readonly engine: NetworkEngine;
  private readonly slots: Int32Array;

  // Scratch memory, kept for every iteration.
  private readonly ids: Int32Array;
  private readonly parameters: Float32Array;
  private readonly actions: ActionArray;
  private readonly compactActions: ActionArray;
  private readonly observations: ObservationArray;

  constructor(
    factory: EnvFactory,
    policy: ActingPolicy,
    readonly states: number,
    readonly branchesPerState: number,
    threads?: number,
  ) {
    const branches = states * branchesPerState;
    this.branches = branches;
    this.engine = policy.engine;
    this.distribution = policy.distribution;
    this.env = factory.make(branches, threads === undefined ? {} : { threads });
    this.slots = Int32Array.from({ length: branches }, (_, i) => i);
    this.ids = new Int32Array(branches);
    this.parameters = new Float32Array(branches * this.distribution.parameterSize);
    this.actions = this.distribution.makeActions(branches);
    this.compactActions = this.distribution.makeActions(branches);
    this.observations = this.env.observations.slice();
  }

  async run(request: BranchRequest): Promise<BranchResult> {
    const { env, branches } = this;
    const { discount, pacer, length } = request;
    const before = env.simulatorSteps;
    const rows = Int32Array.from(this.slots, (slot) => Math.floor(slot / this.branchesPerState));
    env.restore(request.states, this.slots, { rows, keys: this.keys(Purpose.branchEnvironment, request) });
    const noise = new Noise(this.keys(Purpose.branchPolicy, request), branches);
    const q = new Float64Array(branches);
    let actions: ActionArray = request.firstActions;
    let weight = 1;
    for (let time = 0; time < length; time++) {
      if (time > 0) {
        const running = this.running();
        if (running.length === 0) break;
        actions = await this.act(running, noise, time);
      }
      env.step(actions);
      const { rewards } = env;
      for (let i = 0; i < branches; i++) q[i] += weight * rewards[i];
      weight *= discount;
      if (pacer.due()) {
        request.onProgress?.((time + 1) / length);
        await pacer.pause();
      }
    }
    checkFinite(q, (branch) => `the sum of rewards of branch ${branch}`);
    return { q, steps: env.simulatorSteps - before };
  }

  close(): void {
    this.env.close();
  }

  /** A key per branch: its state's, or its own. */
  private keys(purpose: number, { seed, iteration, commonNoise }: BranchRequest): Uint32Array {
    if (!commonNoise) return streamKeys(seed, purpose, iteration, 0, this.branches);
    const keys = new Uint32Array(2 * this.branches);
    for (let i = 0; i < this.branches; i += this.branchesPerState) {
      const [word0, word1] = streamKey(seed, purpose, iteration, i / this.branchesPerState);
      for (let k = i; k < i + this.branchesPerState; k++) {
        keys[2 * k] = word0;
        keys[2 * k + 1] = word1;
      }
    }
    return keys;
  }

  private running(): Int32Array {
    const { terminated, truncated } = this.env;
    const ids = this.ids;
    let count = 0;
    for (let i = 0; i < this.branches; i++) if ((terminated[i] | truncated[i]) === 0) ids[count++] = i;
    return ids.subarray(0, count);
  }

  private async act(running: Int32Array, noise: Noise, time: number): Promise<ActionArray> {
    const { env, engine, distribution, branches } = this;
    noise.times.fill(time);
    if (running.length >= COMPACT_BELOW * branches) {
      const parameters = await engine.forward(env.observations, branches, this.parameters);
      distribution.sample(parameters, noise.keys, noise.times, this.actions, noise.logQ);
      return this.actions;
    }
    const count = running.length;
    const width = env.observations.length / branches;
    const { parameterSize: m, actionSize: d } = distribution;
    const rows = this.observations.subarray(0, count * width);
    gatherRows(env.observations, running, count, width, rows, 0);
    const parameters = await engine.forward(rows, count, this.parameters.subarray(0, count * m));
    gatherRows(noise.keys, running, count, 2, noise.compactKeys, 0);
    const chosen = this.compactActions.subarray(0, count * d);
    const keys = noise.compactKeys.subarray(0, 2 * count);
    distribution.sample(parameters, keys, noise.times.subarray(0, count), chosen, noise.logQ.subarray(0, count));
    return scatterRows(chosen, running, count, d, this.actions);
  }
}

/** Keys and times of the policy's draws, with room for those of the running branches alone. */
class Noise {
  readonly times: Int32Array;
  readonly logQ: Float32Array;
  readonly compactKeys: Uint32Array;

  constructor(
    readonly keys: Uint32Array,
    branches: number,
  ) {
    this.times = new Int32Array(branches);
    this.logQ = new Float32Array(branches);
    this.compactKeys = new Uint32Array(2 * branches);
  }
}
