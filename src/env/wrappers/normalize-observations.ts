import { z } from 'zod';
import { checkMemory } from '../../base/memory.js';
import { parseOptions } from '../../base/options.js';
import { checkFactory } from '../check-factory.js';
import { box, spaceSize } from '../spaces.js';
import type { EnvFactory, EnvSpec, VectorEnv } from '../types.js';
import { commonOptions, type NormalizedEnvFactory, statisticsOf } from './normalize-options.js';
import type { RunningStatistics } from './running-statistics.js';
import { wrapFactory } from './wrap-factory.js';
import { WrappedEnv } from './wrapped-env.js';

const optionsSchema = z.strictObject(commonOptions);
/** Settings of `normalizeObservations`; what is left out takes its default. */
export type NormalizeObservationsOptions = z.input<typeof optionsSchema>;

/** Where the numbers of one wrapper lie. */
interface Settings {
  readonly epsilon: number;
  readonly clip: number;
  readonly statistics: RunningStatistics;
  readonly learns: boolean;
}

/**
 * The environment with observations (o - mean) / sqrt(variance + epsilon), clipped to ±clip, by the running statistics of
 * each component (Stable-Baselines3's VecNormalize; with `clip: Infinity` Gymnasium's NormalizeObservation). Every
 * observation that a reset or a step brings is added first, those of frozen slots never. All environments that this
 * factory makes share `statistics`; what evaluates takes `freezeStatistics(factory)`.
 *
 * A snapshot holds none of it: `restore` does not turn the statistics back, and what it brings back is shown by those of
 * now. With frozen statistics that is to the bit what was saved. Observations are float32 [same shape]; a fixed
 * `observationScaling` of the environment is dropped, since this takes its place.
 * @throws ArgumentError for options out of range, NotFoundError for unknown ones
 */
export function normalizeObservations(
  env: EnvFactory,
  options: NormalizeObservationsOptions = {},
): NormalizedEnvFactory {
  const { spec } = checkFactory(env);
  const { epsilon, clip, statistics } = parseOptions(optionsSchema, options, 'options of normalizeObservations');
  const own = statisticsOf(statistics, spaceSize(spec.observationSpace));
  return normalized(env, { epsilon, clip, statistics: own, learns: true });
}

function normalized(env: EnvFactory, settings: Settings): NormalizedEnvFactory {
  const { epsilon, clip, statistics } = settings;
  const factory = wrapFactory(env, {
    changes: {
      observationSpace: box(env.spec.observationSpace.shape, -clip, clip),
      observationScaling: null,
    },
    identity: ['normalizeObservations', epsilon, clip],
    statistics,
    wrap: (inner, spec) => new NormalizedObservationsEnv(inner, spec, settings),
    frozen: (inner) => normalized(inner, { ...settings, learns: false }),
  });
  return Object.assign(factory, { statistics });
}

class NormalizedObservationsEnv extends WrappedEnv {
  readonly observations: Float32Array;
  readonly rewards: Float64Array;
  private readonly deviations: Float64Array;
  private version = -1;

  constructor(
    inner: VectorEnv,
    spec: EnvSpec,
    private readonly settings: Settings,
  ) {
    super(inner, spec, 'normalizeObservations');
    const { size } = settings.statistics;
    checkMemory(`observations of ${inner.slots} slots of "${spec.id}"`, 4 * inner.slots * size);
    this.observations = new Float32Array(inner.slots * size);
    this.rewards = inner.rewards;
    this.deviations = new Float64Array(size);
  }

  protected override started(slots: Int32Array, active: Uint8Array): void {
    this.learn(active);
    this.shown(slots);
  }

  protected override moved(active: Uint8Array): void {
    this.learn(active);
    this.refresh();
    for (let slot = 0; slot < active.length; slot++) if (active[slot] === 1) this.normalize(slot);
  }

  protected override shown(slots: Int32Array): void {
    this.refresh();
    for (let i = 0; i < slots.length; i++) this.normalize(slots[i]);
  }

  private learn(active: Uint8Array): void {
    if (this.settings.learns) this.settings.statistics.add(this.inner.observations, active);
  }

  private refresh(): void {
    const { statistics, epsilon } = this.settings;
    if (this.version === statistics.version) return;
    this.version = statistics.version;
    statistics.deviations(epsilon, this.deviations);
  }

  private normalize(slot: number): void {
    const { observations, deviations } = this;
    const { clip, statistics } = this.settings;
    const { mean, size } = statistics;
    const raw = this.inner.observations;
    for (let i = 0, at = slot * size; i < size; i++, at++) {
      const value = (raw[at] - mean[i]) / deviations[i];
      observations[at] = value > clip ? clip : value < -clip ? -clip : value;
    }
  }
}
