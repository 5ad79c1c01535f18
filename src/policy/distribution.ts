import { Categorical } from './categorical.js';
import { DiagonalGaussian } from './gaussian.js';
import { plainDistribution } from './plain-spec.js';
import type { Distribution, DistributionSpec } from './types.js';

export type { Distribution } from './types.js';

/** The distribution that a specification names. */
export function makeDistribution(spec: DistributionSpec): Distribution {
  const plain = plainDistribution(spec);
  return plain.kind === 'gaussian' ? new DiagonalGaussian(plain) : new Categorical(plain);
}

/** m of a distribution: parameters per state. */
export function distributionParameters(spec: DistributionSpec): number {
  return spec.kind === 'gaussian' ? 2 * spec.dimensions : spec.sizes.reduce((sum, size) => sum + size, 0);
}

/** Outputs the network itself must emit: means for gaussian, logits for categorical. */
export function networkOutputs(spec: DistributionSpec): number {
  return spec.kind === 'gaussian' ? spec.dimensions : distributionParameters(spec);
}
