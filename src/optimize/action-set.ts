import type { ActionArray } from '../env/types.js';
import type { Distribution } from '../policy/types.js';

/** Actions taken in a batch's states: a `PathBatch` or a `BranchBatch`, as far as an objective reads it. */
export interface ActionSet {
  /** [A × act] */
  readonly actions: ActionArray;
  /** [A]; default: action i belongs to state i */
  readonly stateOfAction?: Int32Array | undefined;
}

/** Per chunk of actions: distribution parameters (or their gradient), actions and row numbers that belong together. */
export function slices(distribution: Distribution, set: ActionSet, distParams: Float32Array, from: number, to: number) {
  const { actionSize: d, distParamSize: m } = distribution;
  const rows = set.stateOfAction === undefined ? null : set.stateOfAction.subarray(from, to);
  const window = (array: Float32Array) => (rows === null ? array.subarray(from * m, to * m) : array);
  return { rows, actions: set.actions.subarray(from * d, to * d), distParams: window(distParams), window };
}
