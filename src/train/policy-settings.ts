import { z } from 'zod';
import type { EnvSpec } from '../env/types.js';
import type { DistributionSpec, LayerSpec, PolicySpec } from '../policy/types.js';

const pair = z.tuple([z.int().min(1), z.int().min(1)]);

/** How a policy network is built on an environment's observations and actions. */
export const policySettingsSchema = z.strictObject({
  /** Convolutions in front, valid padding; for observations [channels, height, width]. */
  convolutions: z.array(z.strictObject({ filters: z.int().min(1), kernel: pair, stride: pair })).default([]),
  /** Units of each hidden dense layer; none: a linear policy. */
  hidden: z
    .array(z.int().min(1).max(65_536), { error: 'expected a list of units, for example [64] or [64,64]' })
    .default([]),
  activation: z.enum(['tanh', 'softplus', 'relu']).default('softplus'),
  /** Initial standard deviation of gaussian actions; ±1 are the actuator bounds. */
  initialStd: z.number().gt(0).default(0.5),
  /** Initial norm of the weights into each output. */
  outputNorm: z.number().min(0).default(0.01),
  /** false: observations as they are, without the environment's fixed scaling. */
  scaleInputs: z.boolean().default(true),
});
export type PolicySettings = z.output<typeof policySettingsSchema>;
export type PolicySettingsInput = z.input<typeof policySettingsSchema>;

/** The policy that these settings make on an environment: gaussian for box actions, categorical for discrete ones. */
export function policySpecFor(env: EnvSpec, settings: PolicySettings): PolicySpec {
  const { activation } = settings;
  const distribution: DistributionSpec =
    env.actionSpace.kind === 'box'
      ? { kind: 'gaussian', dimensions: env.actionSpace.shape.reduce((a, b) => a * b, 1) }
      : { kind: 'categorical', sizes: env.actionSpace.sizes };
  const outputs =
    distribution.kind === 'gaussian' ? distribution.dimensions : distribution.sizes.reduce((a, b) => a + b, 0);
  const layers: LayerSpec[] = [
    ...settings.convolutions.map((layer): LayerSpec => ({ kind: 'conv2d', ...layer, activation })),
    ...settings.hidden.map((units): LayerSpec => ({ kind: 'dense', units, activation })),
    { kind: 'dense', units: outputs, activation: 'linear' },
  ];
  return {
    network: {
      inputShape: env.observationSpace.shape,
      inputType: env.observationSpace.dtype,
      inputScaling: settings.scaleInputs ? env.observationScaling : null,
      layers,
    },
    distribution,
  };
}
