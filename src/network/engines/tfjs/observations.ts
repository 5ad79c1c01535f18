import type { Tensor } from '@tensorflow/tfjs-core';
import { ClosedError } from '../../../base/errors.js';
import type { ObservationArray } from '../../../env/types.js';
import type { LoadedObservations } from '../../types.js';
import { checkIndices, checkStride } from '../arguments.js';
import type { TfjsNetwork } from './network.js';

/** Scaled observations up to this many numbers stay on the device between calls. */
const KEPT_NUMBERS = 2 ** 27;

/** Observations of an update: kept in host memory, and on the device too where they are not many. */
export class TfjsObservations implements LoadedObservations {
  private kept = new Map<number, Tensor>();
  released = false;

  constructor(
    readonly network: TfjsNetwork,
    private readonly observations: ObservationArray,
    readonly count: number,
    private readonly width: number,
  ) {}

  subset(every: number): LoadedObservations {
    checkStride(every);
    return this.rows(Int32Array.from({ length: Math.ceil(this.count / every) }, (_, i) => i * every));
  }

  gather(indices: Int32Array): LoadedObservations {
    return this.rows(checkIndices(indices, this.count));
  }

  private rows(numbers: Int32Array): LoadedObservations {
    if (this.released) throw new ClosedError('the set of observations');
    const { width, observations } = this;
    const size = numbers.length * width;
    const rows = observations instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);
    numbers.forEach((row, i) => {
      rows.set(observations.subarray(row * width, (row + 1) * width), i * width);
    });
    return new TfjsObservations(this.network, rows, numbers.length, width);
  }

  /** Calls `body` with the network inputs of rows from … from + count - 1, in order. */
  async eachChunk(size: number, body: (inputs: Tensor, from: number, count: number) => Promise<void>): Promise<void> {
    const keep = !this.released && this.count * this.width <= KEPT_NUMBERS;
    for (let from = 0; from < this.count; from += size) {
      const count = Math.min(size, this.count - from);
      const rows = this.observations.subarray(from * this.width, (from + count) * this.width);
      const inputs = this.kept.get(from) ?? this.network.inputs(rows, count);
      if (keep) this.kept.set(from, inputs);
      try {
        await body(inputs, from, count);
      } finally {
        if (!keep) inputs.dispose();
      }
    }
  }

  release(): void {
    this.released = true;
    for (const tensor of this.kept.values()) tensor.dispose();
    this.kept.clear();
  }
}
