import { ClosedError } from '../../base/errors.js';
import type { ObservationArray } from '../../env/types.js';
import { loadObservations, type ObservationsHandle } from '../../native/network.js';
import type { LoadedObservations } from '../types.js';
import { checkIndices, checkStride, ownObservations } from './arguments.js';

/** Where the observations of a set lie in their array: every k-th row, or rows by number. */
type Rows = { readonly every: number } | { readonly numbers: Int32Array };

/** A set of observations that a native engine has loaded; it stays in its array. */
export class NativeObservations implements LoadedObservations {
  readonly #owner: object;
  readonly #array: ObservationArray;
  readonly #count: number;
  readonly #rowSize: number;
  readonly #rows: Rows;
  #handle: ObservationsHandle | null;

  constructor(owner: object, array: ObservationArray, count: number, rowSize: number, rows: Rows) {
    this.#owner = owner;
    this.#array = array;
    this.#count = count;
    this.#rowSize = rowSize;
    this.#rows = rows;
    this.#handle =
      'every' in rows
        ? loadObservations(array, count, rowSize * rows.every)
        : loadObservations(array, count, rowSize, rows.numbers);
  }

  get count(): number {
    return this.#count;
  }

  /** A set that this engine loaded, whatever properties it was given since. @throws ClosedError after `release` */
  static of(data: LoadedObservations, owner: object): { handle: ObservationsHandle; count: number } {
    const own = ownObservations(
      data,
      (given): given is NativeObservations => #owner in given && given.#owner === owner,
    );
    if (own.#handle === null) throw new ClosedError('the set of observations');
    return { handle: own.#handle, count: own.#count };
  }

  subset(every: number): LoadedObservations {
    checkStride(every);
    const rows = this.#rows;
    const count = Math.ceil(this.#count / every);
    if ('every' in rows) return this.#part(count, { every: rows.every * every });
    return this.#part(count, { numbers: Int32Array.from({ length: count }, (_, i) => rows.numbers[i * every]) });
  }

  gather(indices: Int32Array): LoadedObservations {
    const rows = this.#rows;
    const chosen = checkIndices(indices, this.#count);
    // A plain loop: `Int32Array.from` with a function costs more than a minibatch's forward pass.
    const numbers = new Int32Array(chosen.length);
    if ('every' in rows) for (let i = 0; i < numbers.length; i++) numbers[i] = chosen[i] * rows.every;
    else for (let i = 0; i < numbers.length; i++) numbers[i] = rows.numbers[chosen[i]];
    return this.#part(numbers.length, { numbers });
  }

  release(): void {
    this.#handle?.release();
    this.#handle = null;
  }

  #part(count: number, rows: Rows): LoadedObservations {
    if (this.#handle === null) throw new ClosedError('the set of observations');
    return new NativeObservations(this.#owner, this.#array, count, this.#rowSize, rows);
  }
}
