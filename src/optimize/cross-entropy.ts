import { ArgumentError } from '../base/errors.js';
import { allEqual } from '../base/rounding.js';
import { rank } from './ranking.js';

export interface CrossEntropyOptions {
  /** Fraction of candidates that become the next distribution, in (0, 1]. */
  eliteFraction: number;
  /** Extra standard deviation while generations < extraDecay (Szita & Lőrincz 2006). */
  extraStd: number;
  /** Generations over which the extra noise fades. */
  extraDecay: number;
  /** 'step': full extra noise until extraDecay, then none (the original code's integer division); 'linear': a ramp. */
  extraSchedule: 'step' | 'linear';
}

/**
 * Cross-entropy search over a diagonal Gaussian. Maximises; deterministic: normal draws come in, fitness comes in.
 * The next variance is the elite's variance plus extra noise.
 */
export class CrossEntropySearch {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  generation = 0;

  constructor(
    mean: ArrayLike<number>,
    initialVariance: number,
    readonly population: number,
    private readonly options: CrossEntropyOptions,
  ) {
    if (!(initialVariance > 0)) {
      throw new ArgumentError('initial variance is not positive', { value: initialVariance, expected: '> 0' });
    }
    if (!Number.isInteger(population) || population < 2) {
      throw new ArgumentError('population is too small', { value: population, expected: 'an integer >= 2' });
    }
    this.mean = Float64Array.from(mean);
    this.variance = new Float64Array(mean.length).fill(initialVariance);
  }

  /** @param noise standard normal draws [population × n]; @returns candidates [population × n] */
  ask(noise: ArrayLike<number>): Float32Array {
    const n = this.mean.length;
    const extra = this.extraVariance();
    const std = this.variance.map((v) => Math.sqrt(v + extra));
    const candidates = new Float32Array(this.population * n);
    for (let k = 0, at = 0; k < this.population; k++) {
      for (let i = 0; i < n; i++, at++) candidates[at] = this.mean[i] + std[i] * noise[at];
    }
    return candidates;
  }

  /** @param fitness [population], larger is better; all equal: nothing to learn, the distribution stays */
  tell(candidates: Float32Array, fitness: ArrayLike<number>): void {
    const n = this.mean.length;
    if (allEqual(fitness)) {
      this.generation++;
      return;
    }
    const elites = Math.max(1, Math.round(this.population * this.options.eliteFraction));
    const order = rank(fitness, this.population);
    for (let i = 0; i < n; i++) {
      let mean = 0;
      for (let r = 0; r < elites; r++) mean += candidates[order[r] * n + i];
      mean /= elites;
      let variance = 0;
      for (let r = 0; r < elites; r++) variance += (candidates[order[r] * n + i] - mean) ** 2;
      this.mean[i] = mean;
      this.variance[i] = variance / elites;
    }
    this.generation++;
  }

  private extraVariance(): number {
    const { extraStd, extraDecay, extraSchedule } = this.options;
    const left = 1 - this.generation / extraDecay;
    if (left <= 0) return 0;
    return extraStd * extraStd * (extraSchedule === 'step' ? 1 : left);
  }
}
