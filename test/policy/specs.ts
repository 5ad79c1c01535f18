import type { PolicySpec } from '../../src/policy/types.js';
import { atari, atariSizes, gaussianNetwork, mlp, samples } from '../network/specs.js';

/** A fully connected Gaussian policy. */
export const gaussian = (inputs: number, hidden: readonly number[], dimensions: number): PolicySpec => ({
  network: gaussianNetwork(inputs, hidden, dimensions),
  distribution: { kind: 'gaussian', dimensions },
});

export const atariPolicy: PolicySpec = { network: atari, distribution: { kind: 'categorical', sizes: atariSizes } };

export const policies: Readonly<Record<string, PolicySpec>> = {
  gaussian: gaussian(9, [30], 2),
  'no hidden layer': gaussian(4, [], 1),
  'scaled inputs': {
    network: samples['two layers, scaled and clipped inputs'].spec,
    distribution: { kind: 'gaussian', dimensions: 3 },
  },
  'squashed, log stds of the state': {
    network: mlp(3, [8], 4, 'tanh'),
    distribution: { kind: 'squashed-gaussian', dimensions: 2 },
  },
  'heads, categorical': {
    network: samples['heads on a shared trunk, one of them read again'].spec,
    distribution: { kind: 'categorical', sizes: [5, 2] },
  },
  'normalised maps': {
    network: samples['feature maps: normalised, added, and outputs themselves'].spec,
    distribution: { kind: 'categorical', sizes: [7, 5] },
  },
  atari: atariPolicy,
};
