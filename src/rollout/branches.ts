import { Purpose, streamKey, streamKeys } from '../base/random.js';
import type { ActionArray, EnvFactory, EnvSpec, Snapshot, VectorEnv } from '../env/types.js';
import type { ActingPolicy, Distribution } from '../policy/types.js';
import { type Behaviour, drawActions } from './behaviour.js';
import { checkFinite } from './finite.js';
import { Lockstep } from './lockstep.js';
import type { BranchEstimator } from './types.js';

export interface BranchRequest {
  readonly seed: number;
  readonly iteration: number;
  readonly estimate: BranchEstimator;
  /** States to start from, one row each */
  readonly states: Snapshot;
  /** Number of the first of them, for the keys. Default 0 */
  readonly firstState?: number | undefined;
  /** First action of each branch [A × act]; branch i starts from state floor(i / K) */
  readonly firstActions: ActionArray;
  /** Steps of each branch, the first action's included */
  readonly length: number;
  /** false: every branch has noise of its own instead of its state's */
  readonly commonNoise: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

export interface BranchResult {
  /** What the estimator made of each branch's rewards [A]; they are 0 after its end, and there are none beyond its length */
  readonly q: Float64Array;
  /** Steps really simulated */
  readonly steps: number;
}

/** What a branch takes at the least, beside its simulator: its observation twice, and its rows of the scratch memory. */
export function branchBytes({ observationSpace }: EnvSpec, { distParamSize, actionSize }: Distribution): number {
  const observation = observationSpace.shape.reduce((a, b) => a * b, 1) * (observationSpace.dtype === 'uint8' ? 1 : 4);
  return 2 * observation + 4 * (2 * distParamSize + 3 * actionSize) + 32;
}

/**
 * Vine's short rollouts (section 5.2): K branches from each state of the rollout set, all in one batch. The first action
 * is given; then the policy acts, with noise common to a state's branches. Ended branches stay frozen at reward 0.
 */
export class BranchRunner {
  private readonly env: VectorEnv;
  private readonly branches: number;
  private readonly behaviour: Behaviour;
  private readonly lockstep: Lockstep;

  constructor(
    factory: EnvFactory,
    policy: ActingPolicy,
    readonly states: number,
    readonly branchesPerState: number,
    threads?: number,
  ) {
    this.branches = states * branchesPerState;
    this.behaviour = drawActions(policy);
    this.env = factory.make(this.branches, threads === undefined ? {} : { threads });
    this.lockstep = new Lockstep(this.env, { distParamSize: this.behaviour.distParamSize });
  }

  async run(request: BranchRequest): Promise<BranchResult> {
    const { env, branches, lockstep } = this;
    const { places } = lockstep;
    const { estimate, signal, length, onProgress } = request;
    const before = env.simulatorSteps;
    const slots = Int32Array.from({ length: branches }, (_, i) => i);
    const rows = slots.map((slot) => Math.floor(slot / this.branchesPerState));
    env.restore(request.states, slots, { rows, keys: this.keys(Purpose.branchEnvironment, request) });
    places.clear();
    for (const slot of slots) places.add(slot, slot);
    places.keys.set(this.keys(Purpose.branchPolicy, request));
    const q = new Float64Array(branches);
    let time = 0;
    await lockstep.run(
      this.startingWith(request.firstActions),
      {
        onStep() {
          estimate(q, env.rewards, time);
          if (++time === length) places.clear();
        },
        onProgress: () => onProgress?.(time / length),
      },
      signal,
    );
    checkFinite(q, (branch) => `the sum of rewards of branch ${branch}`);
    return { q, steps: env.simulatorSteps - before };
  }

  close(): void {
    this.env.close();
  }

  /** A key per branch: its state's, or its own. */
  private keys(purpose: number, { seed, iteration, commonNoise, firstState = 0 }: BranchRequest): Uint32Array {
    if (!commonNoise) {
      return streamKeys(seed, purpose, iteration, firstState * this.branchesPerState, this.branches);
    }
    const keys = new Uint32Array(2 * this.branches);
    for (let i = 0; i < this.branches; i += this.branchesPerState) {
      const [word0, word1] = streamKey(seed, purpose, iteration, firstState + i / this.branchesPerState);
      for (let k = i; k < i + this.branchesPerState; k++) {
        keys[2 * k] = word0;
        keys[2 * k + 1] = word1;
      }
    }
    return keys;
  }

  /** The policy, after given first actions. */
  private startingWith(firstActions: ActionArray): Behaviour {
    const { behaviour } = this;
    return {
      distParamSize: behaviour.distParamSize,
      async act(rows, places) {
        // All branches begin at once.
        if (places.times[0] === 0) rows.actions.set(firstActions);
        else await behaviour.act(rows, places);
      },
    };
  }
}
