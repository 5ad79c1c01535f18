import { importanceSampledSurrogate, type Objective } from '../optimize/objectives.js';
import type { GroupedBatch } from '../rollout/grouped.js';
import type { PathBatch } from '../rollout/types.js';
import type { GroupedStart } from './on-policy.js';

/** Makes the surrogate of each group from the advantages of the whole batch [S]. */
export function surrogate(
  { firstStates }: GroupedBatch<PathBatch>,
  { distribution }: GroupedStart,
  advantages: Float64Array,
): (part: PathBatch, index: number) => Objective {
  return (part, i) => {
    const own = advantages.subarray(firstStates[i], firstStates[i] + part.states);
    return importanceSampledSurrogate(distribution, part, own);
  };
}
