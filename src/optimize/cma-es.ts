import { ArgumentError } from '../base/errors.js';
import { exp, log } from '../base/math.js';
import { allEqual } from '../base/rounding.js';
import { rank } from './ranking.js';
import { eigenSymmetric } from './symmetric.js';

/** The strategy's whole memory; plain arrays, so that a checkpoint can hold it. */
export interface CmaEsState {
  mean: Float64Array;
  /** [1] step size σ */
  sigma: Float64Array;
  /** [n × n] row-major */
  covariance: Float64Array;
  evolutionPath: Float64Array;
  conjugatePath: Float64Array;
  /** [1] generations told so far */
  generation: Float64Array;
}

/**
 * Covariance matrix adaptation evolution strategy with weighted recombination, cumulative step-size adaptation and
 * rank-one plus rank-μ updates (Hansen, "The CMA evolution strategy: a tutorial", 2016; its default constants).
 * Maximises. `ask` turns standard normal draws into candidates, `tell` takes their fitness; the strategy itself is
 * deterministic and draws nothing.
 */
export class CmaEs {
  readonly dimensions: number;
  readonly population: number;
  private readonly weights: Float64Array;
  private readonly muEffective: number;
  private readonly rates: { c1: number; cMu: number; cSigma: number; cC: number; damping: number };
  private readonly expectedNorm: number;
  private state: CmaEsState;
  /** Eigenvectors (columns, row-major [n × n]) and square roots of eigenvalues of the present covariance. */
  private basis: Float64Array | null = null;
  private scales: Float64Array | null = null;

  /**
   * @param mean start point [n]
   * @param sigma start step size, > 0
   * @param population λ, >= 4
   */
  constructor(mean: ArrayLike<number>, sigma: number, population: number) {
    if (!(sigma > 0))
      throw new ArgumentError('CMA-ES step size is not positive', { value: sigma, expected: 'sigma > 0' });
    if (!Number.isInteger(population) || population < 4) {
      throw new ArgumentError('CMA-ES population is too small', { value: population, expected: 'an integer >= 4' });
    }
    const n = mean.length;
    const mu = population >> 1;
    this.dimensions = n;
    this.population = population;
    this.weights = Float64Array.from({ length: mu }, (_, i) => log((population + 1) / 2) - log(i + 1));
    const total = this.weights.reduce((a, b) => a + b, 0);
    for (let i = 0; i < mu; i++) this.weights[i] /= total;
    this.muEffective = 1 / this.weights.reduce((a, w) => a + w * w, 0);
    const m = this.muEffective;
    const c1 = 2 / ((n + 1.3) ** 2 + m);
    const cSigma = (m + 2) / (n + m + 5);
    this.rates = {
      c1,
      cMu: Math.min(1 - c1, (2 * (m - 2 + 1 / m)) / ((n + 2) ** 2 + m)),
      cSigma,
      cC: (4 + m / n) / (n + 4 + (2 * m) / n),
      damping: 1 + 2 * Math.max(0, Math.sqrt((m - 1) / (n + 1)) - 1) + cSigma,
    };
    this.expectedNorm = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
    const covariance = new Float64Array(n * n);
    for (let i = 0; i < n; i++) covariance[i * n + i] = 1;
    this.state = {
      mean: Float64Array.from(mean),
      sigma: Float64Array.of(sigma),
      covariance,
      evolutionPath: new Float64Array(n),
      conjugatePath: new Float64Array(n),
      generation: Float64Array.of(0),
    };
  }

  /** Present mean [n]; not a copy. */
  get mean(): Float64Array {
    return this.state.mean;
  }

  get sigma(): number {
    return this.state.sigma[0];
  }

  /**
   * @param noise standard normal draws [λ × n]
   * @returns candidates mean + σ B D z [λ × n]
   */
  ask(noise: ArrayLike<number>): Float32Array {
    const n = this.dimensions;
    const { basis, scales } = this.decomposition();
    const candidates = new Float32Array(this.population * n);
    const scaled = new Float64Array(n);
    for (let k = 0; k < this.population; k++) {
      for (let j = 0; j < n; j++) scaled[j] = scales[j] * noise[k * n + j];
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += basis[i * n + j] * scaled[j];
        candidates[k * n + i] = this.state.mean[i] + this.sigma * sum;
      }
    }
    return candidates;
  }

  /**
   * @param candidates as `ask` gave them [λ × n]
   * @param fitness [λ], larger is better; NaN counts as worst; all equal: nothing to learn, all stays
   */
  tell(candidates: Float32Array, fitness: ArrayLike<number>): void {
    const n = this.dimensions;
    const { c1, cMu, cSigma, cC, damping } = this.rates;
    const { mean, covariance, evolutionPath, conjugatePath } = this.state;
    if (allEqual(fitness)) {
      this.state.generation[0] += 1;
      return;
    }
    const sigma = this.sigma;
    const order = rank(fitness, this.population);
    const { basis, scales } = this.decomposition();

    const shift = new Float64Array(n); // (new mean - old mean) / σ
    for (let r = 0; r < this.weights.length; r++) {
      const at = order[r] * n;
      for (let i = 0; i < n; i++) shift[i] += (this.weights[r] * (candidates[at + i] - mean[i])) / sigma;
    }
    const whitened = whiten(basis, scales, shift);
    const gain = Math.sqrt(cSigma * (2 - cSigma) * this.muEffective);
    let norm = 0;
    for (let i = 0; i < n; i++) {
      conjugatePath[i] = (1 - cSigma) * conjugatePath[i] + gain * whitened[i];
      norm += conjugatePath[i] ** 2;
    }
    norm = Math.sqrt(norm);
    const generation = this.state.generation[0] + 1;
    const stalled = norm / Math.sqrt(1 - (1 - cSigma) ** (2 * generation)) / this.expectedNorm >= 1.4 + 2 / (n + 1);
    const pathGain = stalled ? 0 : Math.sqrt(cC * (2 - cC) * this.muEffective);
    for (let i = 0; i < n; i++) evolutionPath[i] = (1 - cC) * evolutionPath[i] + pathGain * shift[i];

    const keep = 1 - c1 - cMu + (stalled ? c1 * cC * (2 - cC) : 0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        covariance[i * n + j] = keep * covariance[i * n + j] + c1 * evolutionPath[i] * evolutionPath[j];
      }
    }
    const step = new Float64Array(n);
    for (let r = 0; r < this.weights.length; r++) {
      const at = order[r] * n;
      for (let i = 0; i < n; i++) step[i] = (candidates[at + i] - mean[i]) / sigma;
      const weight = cMu * this.weights[r];
      for (let i = 0; i < n; i++) {
        const scaled = weight * step[i];
        for (let j = 0; j <= i; j++) covariance[i * n + j] += scaled * step[j];
      }
    }
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) covariance[j * n + i] = covariance[i * n + j];
    for (let i = 0; i < n; i++) mean[i] += sigma * shift[i];
    this.state.sigma[0] = sigma * exp(Math.min(1, (cSigma / damping) * (norm / this.expectedNorm - 1)));
    this.state.generation[0] = generation;
    this.basis = null;
  }

  save(): CmaEsState {
    return structuredClone(this.state);
  }

  load(state: CmaEsState): void {
    this.state = structuredClone(state);
    this.basis = null;
  }

  private decomposition(): { basis: Float64Array; scales: Float64Array } {
    if (this.basis === null || this.scales === null) {
      const n = this.dimensions;
      const { values, vectors } = eigenSymmetric(this.state.covariance, n);
      this.basis = vectors;
      this.scales = values.map((value) => Math.sqrt(Math.max(value, 1e-20)));
    }
    return { basis: this.basis, scales: this.scales };
  }
}

/** B D^-1 B^T x */
function whiten(basis: Float64Array, scales: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  const rotated = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += basis[i * n + j] * x[i];
    rotated[j] = sum / scales[j];
  }
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += basis[i * n + j] * rotated[j];
    out[i] = sum;
  }
  return out;
}
