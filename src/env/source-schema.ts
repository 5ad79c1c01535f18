import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { box, checkSpace, spaceSize } from './spaces.js';
import type { BoxSpace, EnvSpec, ObservationScaling } from './types.js';

/** A function of a definition. */
export const functionSchema = z.custom<(...parameters: never[]) => unknown>((value) => typeof value === 'function', {
  error: 'expected a function',
});

const scaleSchema = z.union([z.number(), z.instanceof(Float32Array)], { error: 'expected a number or a Float32Array' });

/** A nominal episode length: elapsed steps are counted in 32 bits, and an iteration waits for the end of its episodes. */
export const episodeSteps = z
  .int({ error: 'expected a positive integer' })
  .min(1)
  .max(2 ** 31 - 1);

/** What `defineEnv` and `defineMujocoEnv` have in common. */
export const commonSource = {
  id: z.string().min(1),
  observation: z.union([z.int().min(0), z.custom<BoxSpace>((value) => (value as BoxSpace | null)?.kind === 'box')], {
    error: 'expected a number of elements, or a box',
  }),
  maxEpisodeSteps: episodeSteps,
  secondsPerStep: z.number().positive(),
  observationScaling: z
    .strictObject({ offset: scaleSchema, scale: scaleSchema, clip: z.number().or(z.literal(Infinity)) })
    .optional(),
  nonFinite: z.enum(['error', 'end']).optional(),
};

/** @throws ArgumentError unless it is a positive integer below 2^31 */
export function checkEpisodeSteps(steps: number): number {
  if (episodeSteps.safeParse(steps).success) return steps;
  throw new ArgumentError(`maxEpisodeSteps ${steps}`, { value: steps, expected: 'an integer, 1 … 2147483647' });
}

/** The observation space and its scaling, checked. */
export function observationOf(source: {
  readonly id: string;
  readonly observation: number | BoxSpace;
  readonly observationScaling?: ObservationScaling | undefined;
}): Pick<EnvSpec, 'observationSpace' | 'observationScaling'> {
  const { id, observation, observationScaling = null } = source;
  const observationSpace =
    typeof observation === 'number' ? box([observation]) : checkSpace(`the observation of "${id}"`, observation);
  const size = spaceSize(observationSpace);
  if (observationScaling !== null) {
    const { offset, scale, clip } = observationScaling;
    const fits = (value: Float32Array | number, ok: (x: number) => boolean) =>
      typeof value === 'number' ? ok(value) : value.length === size && value.every(ok);
    if (!fits(offset, Number.isFinite) || !fits(scale, (x) => x > 0 && x < Infinity) || !(clip > 0)) {
      throw new ArgumentError(`observationScaling of "${id}"`, {
        value: observationScaling,
        expected: `finite offsets, scales above 0 (one, or ${size}), and clip above 0`,
      });
    }
  }
  return { observationSpace, observationScaling };
}

/** How messages call a definition. */
export function nameOf(source: { readonly id?: unknown } | null | undefined): string {
  return typeof source?.id === 'string' ? `"${source.id}"` : 'an environment';
}
