import type { ActionArray, ObservationArray } from '../env/types.js';

/** What happened to each episode (path, trunk) of a batch. */
export interface Episodes {
  readonly count: number;
  /** Undiscounted sums of rewards [E] */
  readonly returns: Float64Array;
  /** Steps [E] */
  readonly lengths: Int32Array;
  /** 1: ended in a terminal state; 0: cut at the length limit [E] */
  readonly terminated: Uint8Array;
  /** First state of each episode, then the total [E + 1]; states of an episode are consecutive (single path and trunks). */
  readonly offsets: Int32Array;
}

/** What a sampler returns. S states, A actions; single path: A = S. */
export interface Batch {
  readonly kind: 'single-path' | 'vine';
  readonly states: number;
  readonly actionsCount: number;
  /** [S × obs] */
  readonly observations: ObservationArray;
  /** Time within its episode [S] */
  readonly timeIndex: Int32Array;
  /** The sampling policy's distribution parameters at the states [S × m] */
  readonly distribution: Float32Array;
  /** [A × act] */
  readonly actions: ActionArray;
  /** The state each action belongs to [A]; null: the identity */
  readonly stateOfAction: Int32Array | null;
  /** log of the density (or probability) each action was really drawn from [A] */
  readonly logQ: Float32Array;
  /** Reward of each step [S]; single path only, null for vine */
  readonly rewards: Float32Array | null;
  /** Discounted return or Q of each action [A] */
  readonly returns: Float64Array;
  readonly episodes: Episodes;
  readonly simulatorSteps: number;
  readonly trunkSteps: number;
  readonly branchSteps: number;
  /** Episodes ended by a diverged simulator */
  readonly diverged: number;
}
