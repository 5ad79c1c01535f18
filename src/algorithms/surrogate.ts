import { importanceSampledSurrogate, type Objective } from '../optimize/objectives.js';
import type { PathBatch } from '../rollout/types.js';
import type { GroupedStart } from './on-policy.js';

/** Makes the surrogate of each group from the advantages of its steps. */
export function surrogate(
  { distribution }: GroupedStart,
  advantages: readonly Float64Array[],
): (part: PathBatch, index: number) => Objective {
  return (part, i) => importanceSampledSurrogate(distribution, part, advantages[i]);
}
