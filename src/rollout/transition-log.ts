import type { MemoryError } from '../base/errors.js';
import { memoryError, memoryLimit } from '../base/memory.js';
import type { ActionArray, EnvSpec, ObservationArray } from '../env/types.js';
import type { Distribution } from '../policy/types.js';
import type { StepRows } from './behaviour.js';
import { permuteRowsInPlace, permuteRowsInto } from './permute-rows.js';
import type { Places } from './places.js';

/** The columns of a log or of a batch, row-major. */
export interface TransitionArrays {
  readonly observations: ObservationArray;
  /** [rows × m] */
  readonly distParams: Float32Array;
  readonly actions: ActionArray;
  readonly logQ: Float32Array;
  readonly rewards: Float32Array;
}

/** Observations of more bytes than this are sorted in place rather than into a second array. */
const IN_PLACE_BYTES = 2 ** 29;

/**
 * Rows of transitions in the order they were made (lockstep by lockstep), sorted into paths at the end. The arrays are
 * kept from batch to batch and grow when needed.
 */
export class TransitionLog {
  /** Rows in the order they were made */
  arrays: TransitionArrays;
  /** Path of each row */
  path: Int32Array;
  /** Rows in use */
  rows = 0;
  readonly observationSize: number;
  private capacity: number;
  /** What `sortByPath` fills */
  private sorted: TransitionArrays | null = null;

  /** @param capacity rows to make room for; memory is only used when written */
  constructor(
    private readonly spec: EnvSpec,
    private readonly layout: Distribution,
    capacity: number,
  ) {
    this.observationSize = spec.observationSpace.shape.reduce((a, b) => a * b, 1);
    this.capacity = capacity;
    this.arrays = this.allocate();
    this.path = new Int32Array(capacity);
  }

  /** The next `count` rows, to be filled; they count once they are committed. */
  nextRows(count: number): StepRows {
    this.reserve(count);
    const { arrays, rows } = this;
    const part = <T extends keyof TransitionArrays>(name: T) =>
      arrays[name].subarray(rows * this.width(name), (rows + count) * this.width(name)) as TransitionArrays[T];
    return {
      count,
      observations: part('observations'),
      distParams: part('distParams'),
      actions: part('actions'),
      logQ: part('logQ'),
    };
  }

  /** Adds reward and path of each place to the rows that `nextRows` gave for them. @param envRewards [N] */
  commit({ count, slots, items }: Places, envRewards: Float64Array): void {
    const { rows, path } = this;
    const { rewards } = this.arrays;
    for (let place = 0; place < count; place++) {
      rewards[rows + place] = envRewards[slots[place]];
      path[rows + place] = items[place];
    }
    this.rows += count;
  }

  /** Makes room for `extra` more rows; the arrays may be replaced. */
  private reserve(extra: number): void {
    const { rows, arrays, path } = this;
    if (rows + extra <= this.capacity) return;
    this.capacity = Math.ceil(1.25 * (rows + extra));
    this.sorted = null;
    this.arrays = this.allocate();
    this.path = new Int32Array(this.capacity);
    this.path.set(path.subarray(0, rows));
    for (const name of Object.keys(arrays) as (keyof TransitionArrays)[]) {
      this.arrays[name].set(arrays[name].subarray(0, rows * this.width(name)));
    }
  }

  /**
   * Sorts all rows so that path p's steps are consecutive and in time order, from offsets[p] on.
   * @returns the sorted columns, valid until the next call, and the time index of each row
   */
  async sortByPath(offsets: Int32Array, signal?: AbortSignal): Promise<TransitionArrays & { timeIndex: Int32Array }> {
    const { rows, path, arrays } = this;
    const destination = new Int32Array(rows);
    const timeIndex = new Int32Array(rows);
    const next = offsets.slice();
    for (let row = 0; row < rows; row++) {
      const at = next[path[row]]++;
      destination[row] = at;
      timeIndex[at] = at - offsets[path[row]];
    }
    const inPlace = arrays.observations.byteLength > IN_PLACE_BYTES;
    this.sorted ??= this.allocate(inPlace ? arrays.observations : undefined);
    for (const name of Object.keys(arrays) as (keyof TransitionArrays)[]) {
      const width = this.width(name);
      if (this.sorted[name] === arrays[name]) await permuteRowsInPlace(arrays[name], width, destination, signal);
      else await permuteRowsInto(arrays[name], this.sorted[name], width, destination, signal);
    }
    return { ...this.firstRows(this.sorted, rows), timeIndex };
  }

  private width(name: keyof TransitionArrays): number {
    if (name === 'observations') return this.observationSize;
    if (name === 'distParams') return this.layout.distParamSize;
    return name === 'actions' ? this.layout.actionSize : 1;
  }

  /** One row more than the capacity: permuting in place needs it. */
  private allocate(observations?: ObservationArray): TransitionArrays {
    const rows = this.capacity + 1;
    this.checkMemory(rows);
    // Pictures are large, and what lies in shared memory an engine need not copy (`NativeEngine.load`).
    const bytes = this.spec.observationSpace.dtype === 'uint8';
    const make = (length: number) => (bytes ? new Uint8Array(new SharedArrayBuffer(length)) : new Float32Array(length));
    try {
      return {
        observations: observations ?? make(rows * this.observationSize),
        distParams: new Float32Array(rows * this.layout.distParamSize),
        actions: this.layout.makeActions(rows),
        logQ: new Float32Array(rows),
        rewards: new Float32Array(rows),
      };
    } catch (cause) {
      throw this.tooLarge(rows, cause);
    }
  }

  private checkMemory(rows: number): void {
    if (rows * this.rowBytes() > memoryLimit()) throw this.tooLarge(rows);
  }

  private rowBytes(): number {
    const { observationSize, layout } = this;
    const observation = (this.spec.observationSpace.dtype === 'uint8' ? 1 : 4) * observationSize;
    return observation + 4 * (layout.distParamSize + layout.actionSize + 2);
  }

  private tooLarge(rows: number, cause?: unknown): MemoryError {
    const what = `a batch of ${this.capacity} steps of "${this.spec.id}"`;
    return memoryError(what, rows * this.rowBytes(), 'Lower sampling.steps or sampling.slots', cause);
  }

  private firstRows(arrays: TransitionArrays, rows: number): TransitionArrays {
    return {
      observations: arrays.observations.subarray(0, rows * this.width('observations')),
      distParams: arrays.distParams.subarray(0, rows * this.width('distParams')),
      actions: arrays.actions.subarray(0, rows * this.width('actions')),
      logQ: arrays.logQ.subarray(0, rows),
      rewards: arrays.rewards.subarray(0, rows),
    };
  }
}
