import { z } from 'zod';
import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { isSpec } from '../env/check-factory.js';
import type { EnvSpec } from '../env/types.js';
import { initialWeightsSchema } from '../network/initial-weights.js';
import type { LayerSpec } from '../network/types.js';
import { makeDistribution } from './distribution.js';
import type { DistributionSpec, PolicySpec } from './types.js';

const side = z.int().min(1).max(65_536);
const pair = z.tuple([side, side]);
/** A network has fewer layers than this. */
const MOST_LAYERS = 100;

/** The layers of a network between an environment's observations and its output. */
export const hiddenSettingsSchema = z.strictObject({
  /** Convolutions in front, valid padding; for observations [channels, height, width]. */
  convolutions: z
    .array(z.strictObject({ filters: side, kernel: pair, stride: pair }))
    .max(MOST_LAYERS)
    .default([]),
  /** Units of each hidden dense layer; none: a linear policy. */
  hidden: z
    .array(side, { error: 'expected a list of units, for example [64] or [64,64]' })
    .max(MOST_LAYERS, { error: `expected ${MOST_LAYERS} layers at most` })
    .default([]),
  activation: z.enum(['tanh', 'softplus', 'relu']).default('softplus'),
});

/** How a policy network is built on an environment's observations and actions. */
export const policySettingsSchema = hiddenSettingsSchema.extend({
  /**
   * Kind of distribution, in place of gaussian (box actions) or categorical (discrete ones): `squashed-gaussian`, or one
   * that was registered. It is given the action space's `dimensions` or `sizes`.
   */
  distribution: z.string().optional(),
  /** Initial standard deviation of gaussian actions; ±1 are the actuator bounds. */
  initialStd: z.number().gt(0).default(0.5),
  /** How the first weights are drawn. */
  initialWeights: initialWeightsSchema.default('authors'),
  /** Initial norm of the weights into each output; `uniform` weights have none. */
  outputNorm: z.number().min(0).default(0.01),
  /** false: observations as they are, without the environment's fixed scaling. */
  scaleInputs: z.boolean().default(true),
  /** Folder of a stored policy (a run directory) to start from, in place of a random θ. Relative to where the run is begun. */
  from: z.string().min(1, { error: 'expected the folder of a policy' }).optional(),
  /** Which policy that was: of its θ. Written down by the run. */
  fromSha256: z.string().optional(),
});
export type PolicySettings = z.output<typeof policySettingsSchema>;
export type PolicySettingsInput = z.input<typeof policySettingsSchema>;

/** The layers of such settings, as a network's specification has them. */
export function hiddenLayers({ convolutions, hidden, activation }: z.output<typeof hiddenSettingsSchema>): LayerSpec[] {
  return [
    ...convolutions.map((layer): LayerSpec => ({ kind: 'conv2d', ...layer, activation })),
    ...hidden.map((units): LayerSpec => ({ kind: 'dense', units, activation })),
  ];
}

/**
 * The policy that these settings make on an environment: gaussian for box actions, categorical for discrete ones, unless
 * they name another distribution.
 */
export function policySpecFor(env: EnvSpec, given: PolicySettingsInput = {}): PolicySpec {
  if (!isSpec(env)) {
    throw new ArgumentError(`the environment's specification is ${describeValue(env)}`, {
      value: env,
      expected: 'an EnvSpec, as factory.spec',
    });
  }
  const settings = parseOptions(policySettingsSchema, given, 'policy settings');
  const distribution: DistributionSpec =
    env.actionSpace.kind === 'box'
      ? {
          kind: settings.distribution ?? 'gaussian',
          dimensions: env.actionSpace.shape.reduce((a, b) => a * b, 1),
        }
      : { kind: settings.distribution ?? 'categorical', sizes: env.actionSpace.sizes };
  const { emitted, stateIndependent } = makeDistribution(distribution).outputs;
  const layers: LayerSpec[] = [...hiddenLayers(settings), { kind: 'dense', units: emitted, activation: 'linear' }];
  return {
    network: {
      inputShape: env.observationSpace.shape,
      inputType: env.observationSpace.dtype,
      inputScaling: settings.scaleInputs ? env.observationScaling : null,
      layers,
      ...(stateIndependent === 0 ? {} : { stateIndependentOutputs: stateIndependent }),
    },
    distribution,
  };
}
