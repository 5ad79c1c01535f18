import { ArgumentError } from '../../base/errors.js';
import { checkArray } from '../../native/arrays.js';

/** What `RunningStatistics` saves: `mean` [size], `variance` [size], `count` [1]. */
export interface StatisticsState {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly count: Float64Array;
}

/** The weight of the mean 0 and variance 1 that statistics begin with; Gymnasium's and Stable-Baselines3's. */
const PRIOR = 1e-4;

/**
 * Running mean and population variance of each component of all rows seen, in double precision: every batch of rows is
 * summed in slot order and merged by the rule of Chan, Golub and LeVeque (1983). Results depend on nothing but the rows
 * and their order.
 */
export class RunningStatistics {
  /** [size] */
  readonly mean: Float64Array;
  /** [size] */
  readonly variance: Float64Array;
  /** While true, nothing is added. */
  frozen = false;
  private weight = PRIOR;
  private changes = 0;
  private readonly batchMean: Float64Array;
  private readonly batchVariance: Float64Array;

  constructor(readonly size: number) {
    this.mean = new Float64Array(size);
    this.variance = new Float64Array(size).fill(1);
    this.batchMean = new Float64Array(size);
    this.batchVariance = new Float64Array(size);
  }

  /** Whether any row was ever added, here or where the state was saved. */
  get seen(): boolean {
    return this.weight > PRIOR;
  }

  /** Rows seen, plus the 0.0001 of the beginning. */
  get count(): number {
    return this.weight;
  }

  /** Grows by one with every change: whoever keeps something computed from the statistics compares it. */
  get version(): number {
    return this.changes;
  }

  /**
   * Adds the rows whose flag is set.
   * @param rows [N × size], finite
   * @param flags [N]; 0: leave this row out
   */
  add(rows: Float64Array | Float32Array | Uint8Array, flags: Uint8Array): void {
    if (this.frozen) return;
    const { size, mean, variance, batchMean, batchVariance } = this;
    let added = 0;
    batchMean.fill(0);
    batchVariance.fill(0);
    for (let row = 0; row < flags.length; row++) {
      if (flags[row] === 0) continue;
      added += 1;
      for (let i = 0, at = row * size; i < size; i++, at++) batchMean[i] += rows[at];
    }
    if (added === 0) return;
    for (let i = 0; i < size; i++) batchMean[i] /= added;
    for (let row = 0; row < flags.length; row++) {
      if (flags[row] === 0) continue;
      for (let i = 0, at = row * size; i < size; i++, at++) {
        const away = rows[at] - batchMean[i];
        batchVariance[i] += away * away;
      }
    }
    const total = this.weight + added;
    for (let i = 0; i < size; i++) {
      const apart = batchMean[i] - mean[i];
      const squares = variance[i] * this.weight + batchVariance[i] + (apart * apart * this.weight * added) / total;
      mean[i] += (apart * added) / total;
      variance[i] = squares / total;
    }
    this.weight = total;
    this.changes += 1;
  }

  /** Writes the root of each variance plus epsilon into `into` [size]. */
  deviations(epsilon: number, into: Float64Array): void {
    for (let i = 0; i < this.size; i++) into[i] = Math.sqrt(this.variance[i] + epsilon);
  }

  /** Copies of all that decides what is computed from now on, as named arrays for a checkpoint or a file. */
  saveState(): StatisticsState {
    return { mean: this.mean.slice(), variance: this.variance.slice(), count: Float64Array.of(this.weight) };
  }

  /** Goes on from what `saveState` gave. @throws ArgumentError for arrays of another length or that no statistics have */
  loadState(state: StatisticsState): void {
    this.checkState(state);
    this.mean.set(state.mean);
    this.variance.set(state.variance);
    this.weight = state.count[0];
    this.changes += 1;
  }

  /** @throws ArgumentError for what `loadState` would refuse */
  checkState(state: StatisticsState): void {
    const rules = { exact: true };
    const mean = checkArray('mean', state?.mean, 'Float64Array', this.size, rules);
    const variance = checkArray('variance', state.variance, 'Float64Array', this.size, rules);
    const count = checkArray('count', state.count, 'Float64Array', 1, rules)[0];
    const bad =
      mean.find((value) => !Number.isFinite(value)) ?? variance.find((value) => !(value >= 0 && value < Infinity));
    if (bad === undefined && count > 0 && count < Infinity) return;
    throw new ArgumentError('statistics that no environment has', {
      value: bad ?? count,
      expected: 'finite means, variances of at least 0, a positive count',
    });
  }
}
