import { z } from 'zod';
import { SnapshotError } from '../../base/errors.js';
import { parseOptions } from '../../base/options.js';
import type { RowArray } from '../backend.js';
import { checkFactory } from '../check-factory.js';
import { firstNotFinite } from '../spaces.js';
import type { EnvFactory, EnvSpec, ObservationArray, VectorEnv } from '../types.js';
import { commonOptions, type NormalizedEnvFactory, statisticsOf } from './normalize-options.js';
import type { RunningStatistics } from './running-statistics.js';
import { wrapFactory } from './wrap-factory.js';
import { WrappedEnv } from './wrapped-env.js';

const optionsSchema = z.strictObject({
  ...commonOptions,
  /** γ of the return whose deviation scales the rewards: the one that the method uses. */
  discount: z.number().min(0).max(1).default(0.99),
});
/** Settings of `normalizeRewards`; what is left out takes its default. */
export type NormalizeRewardsOptions = z.input<typeof optionsSchema>;

interface Settings {
  readonly epsilon: number;
  readonly clip: number;
  readonly discount: number;
  readonly statistics: RunningStatistics;
  readonly learns: boolean;
}

/**
 * The environment with rewards r / sqrt(variance + epsilon), clipped to ±clip, where the variance is that of G, each
 * slot's discounted sum of rewards so far: G = discount · G + r, 0 when an episode begins (Stable-Baselines3's
 * VecNormalize; Gymnasium's NormalizeReward lacks the clip, and counts at a terminal state that step's reward alone).
 * The mean is not subtracted. The G of every step of a running slot is added before its reward is scaled. All
 * environments that this factory makes share `statistics` [1]; what evaluates takes `freezeStatistics(factory)`. Returns of
 * episodes (progress, evaluations) stay in the rewards' own unit: they are sums of `rawRewards`.
 *
 * A snapshot holds G, and nothing else of it: `restore` does not turn the statistics back, and the reward that it brings
 * back is scaled by those of now.
 * @throws ArgumentError for options out of range, NotFoundError for unknown ones
 */
export function normalizeRewards(env: EnvFactory, options: NormalizeRewardsOptions = {}): NormalizedEnvFactory {
  checkFactory(env);
  const { statistics, ...rest } = parseOptions(optionsSchema, options, 'options of normalizeRewards');
  return normalized(env, { ...rest, statistics: statisticsOf(statistics, 1), learns: true });
}

function normalized(env: EnvFactory, settings: Settings): NormalizedEnvFactory {
  const { epsilon, clip, discount, statistics } = settings;
  const factory = wrapFactory(env, {
    changes: {},
    identity: ['normalizeRewards', epsilon, clip, discount],
    statistics,
    wrap: (inner, spec) => new NormalizedRewardsEnv(inner, spec, settings),
    frozen: (inner) => normalized(inner, { ...settings, learns: false }),
  });
  return Object.assign(factory, { statistics });
}

class NormalizedRewardsEnv extends WrappedEnv {
  readonly observations: ObservationArray;
  readonly rewards: Float64Array;
  private readonly returns: Float64Array;

  constructor(
    inner: VectorEnv,
    spec: EnvSpec,
    private readonly settings: Settings,
  ) {
    super(inner, spec, 'normalizeRewards');
    this.observations = inner.observations;
    this.rewards = new Float64Array(inner.slots);
    this.returns = new Float64Array(inner.slots);
    this.keep({ returns: { array: this.returns, width: 1 } });
  }

  protected override started(slots: Int32Array): void {
    for (let i = 0; i < slots.length; i++) {
      this.returns[slots[i]] = 0;
      this.rewards[slots[i]] = 0;
    }
  }

  protected override moved(active: Uint8Array): void {
    const { returns, inner, rewards } = this;
    const { discount, statistics, learns } = this.settings;
    for (let slot = 0; slot < active.length; slot++) {
      if (active[slot] === 1) returns[slot] = discount * returns[slot] + inner.rewards[slot];
    }
    if (learns) statistics.add(returns, active);
    const deviation = this.deviation();
    for (let slot = 0; slot < active.length; slot++) rewards[slot] = active[slot] ? this.scaled(slot, deviation) : 0;
  }

  protected override shown(slots: Int32Array): void {
    const deviation = this.deviation();
    for (let i = 0; i < slots.length; i++) this.rewards[slots[i]] = this.scaled(slots[i], deviation);
  }

  protected override checkOwn(parts: Readonly<Record<string, RowArray>>): void {
    const part = parts[this.partName('returns')] as Float64Array;
    const at = firstNotFinite(part, 0, part.length);
    if (at >= 0) throw new SnapshotError(`a return of the snapshot is ${part[at]}`, { value: part[at] });
  }

  private deviation(): number {
    return Math.sqrt(this.settings.statistics.variance[0] + this.settings.epsilon);
  }

  private scaled(slot: number, deviation: number): number {
    const { clip } = this.settings;
    return Math.max(-clip, Math.min(clip, this.inner.rewards[slot] / deviation));
  }
}
