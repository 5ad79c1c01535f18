import { MemoryError } from '../base/errors.js';
import type { Pacer } from '../base/scheduling.js';
import type { ActionArray, EnvSpec, ObservationArray } from '../env/types.js';
import type { Distribution } from '../policy/distribution.js';
import { permuteRows } from './permute-rows.js';

/**
 * Rows of transitions in the order they were made (lockstep by lockstep), sorted into paths at the end. The arrays are
 * kept from batch to batch; they grow when needed and hold one spare row for sorting.
 */
export class TransitionLog {
  observations: ObservationArray;
  /** Distribution parameters [rows × m] */
  distribution: Float32Array;
  actions: ActionArray;
  logQ: Float32Array;
  rewards: Float32Array;
  /** Path of each row */
  path: Int32Array;
  /** Rows in use */
  rows = 0;

  readonly observationSize: number;
  private capacity: number;

  /** @param capacity rows to make room for; memory is only used when written */
  constructor(
    private readonly spec: EnvSpec,
    private readonly layout: Distribution,
    capacity: number,
  ) {
    this.observationSize = spec.observationSpace.shape.reduce((a, b) => a * b, 1);
    this.capacity = capacity;
    const rows = capacity + 1;
    try {
      const bytes = spec.observationSpace.dtype === 'uint8' ? Uint8Array : Float32Array;
      this.observations = new bytes(rows * this.observationSize);
      this.distribution = new Float32Array(rows * layout.parameterSize);
      this.actions = layout.makeActions(rows);
      this.logQ = new Float32Array(rows);
      this.rewards = new Float32Array(rows);
      this.path = new Int32Array(rows);
    } catch (cause) {
      throw new MemoryError(`no memory for a batch of ${capacity} steps of "${spec.id}"`, {
        value: capacity,
        hint: 'Lower sampling.steps or sampling.slots',
        cause,
      });
    }
  }

  /** Makes room for `extra` more rows; the arrays may be replaced. */
  reserve(extra: number): void {
    if (this.rows + extra <= this.capacity) return;
    const larger = new TransitionLog(this.spec, this.layout, Math.ceil(1.25 * (this.rows + extra)));
    const { rows } = this;
    larger.observations.set(this.observations.subarray(0, rows * this.observationSize));
    larger.distribution.set(this.distribution.subarray(0, rows * this.layout.parameterSize));
    larger.actions.set(this.actions.subarray(0, rows * this.layout.actionSize));
    larger.logQ.set(this.logQ.subarray(0, rows));
    larger.rewards.set(this.rewards.subarray(0, rows));
    larger.path.set(this.path.subarray(0, rows));
    Object.assign(this, larger, { rows });
  }

  /**
   * Sorts all rows so that path p's steps are consecutive and in time order, from offsets[p] on.
   * @returns time index of each row
   */
  async sortByPath(offsets: Int32Array, pacer: Pacer): Promise<Int32Array> {
    const { rows, layout } = this;
    const source = new Int32Array(rows);
    const timeIndex = new Int32Array(rows);
    const next = offsets.slice();
    for (let row = 0; row < rows; row++) {
      const path = this.path[row];
      const at = next[path]++;
      source[at] = row;
      timeIndex[at] = at - offsets[path];
    }
    await permuteRows(this.observations, this.observationSize, source, pacer);
    await permuteRows(this.distribution, layout.parameterSize, source, pacer);
    await permuteRows(this.actions, layout.actionSize, source, pacer);
    await permuteRows(this.logQ, 1, source, pacer);
    await permuteRows(this.rewards, 1, source, pacer);
    return timeIndex;
  }
}
