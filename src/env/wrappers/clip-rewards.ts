import { z } from 'zod';
import { ArgumentError } from '../../base/errors.js';
import { parseOptions } from '../../base/options.js';
import { checkFactory } from '../check-factory.js';
import type { EnvFactory, EnvSpec, ObservationArray, VectorEnv } from '../types.js';
import { wrapFactory } from './wrap-factory.js';
import { WrappedEnv } from './wrapped-env.js';

const bound = z.custom<number>((value) => typeof value === 'number' && !Number.isNaN(value), {
  error: 'expected a number',
});
const boundsSchema = z.strictObject({ low: bound.default(-Infinity), high: bound.default(Infinity) });
/** The least and the greatest reward; what is left out does not bound. */
export type RewardBounds = z.input<typeof boundsSchema>;

/**
 * The environment with rewards of -1, 0 or 1, their sign (Mnih et al. 2015; Atari environments also have it as their
 * setting `clipRewards`), or with rewards between two bounds.
 * @throws ArgumentError for bounds that are none, NotFoundError for unknown options
 */
export function clipRewards(env: EnvFactory, bounds?: RewardBounds): EnvFactory {
  checkFactory(env);
  if (bounds === undefined) return clipped(env, null);
  const { low, high } = parseOptions(boundsSchema, bounds, 'bounds of clipRewards');
  if (!(low <= high) || low === Infinity || high === -Infinity) {
    throw new ArgumentError(`rewards between ${low} and ${high}`, { value: [low, high], expected: 'low <= high' });
  }
  return clipped(env, [low, high]);
}

function clipped(env: EnvFactory, bounds: readonly [number, number] | null): EnvFactory {
  return wrapFactory(env, {
    changes: {},
    identity: ['clipRewards', bounds ?? 'sign'],
    wrap: (inner, spec) => new ClippedEnv(inner, spec, bounds),
    frozen: (inner) => clipped(inner, bounds),
  });
}

class ClippedEnv extends WrappedEnv {
  readonly observations: ObservationArray;
  readonly rewards: Float64Array;

  constructor(
    inner: VectorEnv,
    spec: EnvSpec,
    private readonly bounds: readonly [number, number] | null,
  ) {
    super(inner, spec, 'clipRewards');
    this.observations = inner.observations;
    this.rewards = new Float64Array(inner.slots);
  }

  protected override moved(active: Uint8Array): void {
    for (let slot = 0; slot < active.length; slot++) this.rewards[slot] = active[slot] ? this.clip(slot) : 0;
  }

  protected override shown(slots: Int32Array): void {
    for (let i = 0; i < slots.length; i++) this.rewards[slots[i]] = this.clip(slots[i]);
  }

  protected override started(slots: Int32Array): void {
    for (let i = 0; i < slots.length; i++) this.rewards[slots[i]] = 0;
  }

  private clip(slot: number): number {
    const reward = this.inner.rewards[slot];
    if (this.bounds === null) return Math.sign(reward);
    return Math.max(this.bounds[0], Math.min(this.bounds[1], reward));
  }
}
