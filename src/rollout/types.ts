import type { ActionArray, ObservationArray } from '../env/types.js';

/** What happened to each of E episodes: paths of a batch, trunks of vine, candidates of a population. */
export interface Episodes {
  /** E */
  readonly count: number;
  /** Undiscounted sums of rewards in the environment's own unit, as before wrappers that scale or clip them [E] */
  readonly returns: Float64Array;
  /** Steps [E] */
  readonly lengths: Int32Array;
  /** 1: ended in a terminal state; 0: truncated, by the length limit or at the end of the batch [E] */
  readonly terminated: Uint8Array;
  /** First step of each episode, then the total [E + 1]; the steps of an episode are consecutive. */
  readonly offsets: Int32Array;
}

/** Work that a batch took. A step of N slots counts once for every slot that was not frozen. */
export interface SampleCounts {
  readonly simulatorSteps: number;
  /** Of them, steps of paths or trunks. */
  readonly trunkSteps: number;
  /** Of them, steps of branches; 0 for paths. */
  readonly branchSteps: number;
  /** Episodes ended by a diverged simulator */
  readonly diverged: number;
}

/**
 * S steps of E paths of one policy, path after path in start order, each in time order. Returns, advantages and the like
 * are made from it by estimators. Its arrays belong to the sampler and are valid until the next batch.
 */
export interface PathBatch extends SampleCounts {
  readonly kind: 'paths';
  /** S: states, and actions */
  readonly states: number;
  /** What the policy saw before each step [S × obs] */
  readonly observations: ObservationArray;
  /** [S × act] */
  readonly actions: ActionArray;
  /** [S] */
  readonly rewards: Float32Array;
  /** log of the density (or probability) that each action was really drawn from [S] */
  readonly logQ: Float32Array;
  /** Parameters of the sampling policy's distribution at the states [S × m] */
  readonly distParams: Float32Array;
  /** Time of each step within its path [S] */
  readonly timeIndex: Int32Array;
  readonly episodes: Episodes;
  /** What was seen after the last step of each path, terminated or truncated [E × obs] */
  readonly finalObservations: ObservationArray;
}

/**
 * N states of trunks of one policy, K actions from each, and an estimate of Q for each action. A = N K; the actions of a
 * state are consecutive.
 */
export interface BranchBatch extends SampleCounts {
  readonly kind: 'branches';
  /** N: states of the rollout set, ordered by trunk and time */
  readonly states: number;
  /** K */
  readonly actionsPerState: number;
  /** [N × obs] */
  readonly observations: ObservationArray;
  /** Parameters of the sampling policy's distribution at the states [N × m] */
  readonly distParams: Float32Array;
  /** Time of each state within its trunk [N] */
  readonly timeIndex: Int32Array;
  /** [A × act] */
  readonly actions: ActionArray;
  /** State that each action was tried in [A] */
  readonly stateOfAction: Int32Array;
  /** log of the density (or probability) that each action was drawn from [A] */
  readonly logQ: Float32Array;
  /** What the branch estimator made of each branch's rewards [A] */
  readonly q: Float64Array;
  /** The trunks; their steps are not part of the batch. */
  readonly episodes: Episodes;
}

/**
 * Adds the rewards of one step of all branches to their estimates. Called as the branches go, since rewards kept to the
 * end would take memory that grows with the branches' length: A numbers for every step.
 * @param q estimates so far, 0 before the first step [A]
 * @param rewards of the step; 0 for branches that have ended [A]
 * @param time steps since the branches began, 0 for that of the first action
 */
export type BranchEstimator = (q: Float64Array, rewards: Float64Array, time: number) => void;
