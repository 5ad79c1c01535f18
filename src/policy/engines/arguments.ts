import { describeValue } from '../../base/describe.js';
import { ArgumentError, ClosedError } from '../../base/errors.js';
import { namingOption } from '../../base/memory.js';
import type { ObservationArray } from '../../env/types.js';
import { checkArray } from '../../native/arrays.js';
import type { PolicyLayout } from '../network.js';
import type { LoadedObservations } from '../types.js';

const numbers = { shared: true } as const;
const exactNumbers = { shared: true, exact: true } as const;

/**
 * The arguments of every engine, checked in one place: the same wrong one gives the same error on each. θ and v have
 * exactly P numbers; other arrays may be longer than they need be.
 */
export class EngineArguments {
  #closed = false;
  readonly #inputSize: number;
  readonly #parameterCount: number;
  readonly #outputSize: number;
  readonly #observations: 'Uint8Array' | 'Float32Array';

  constructor(layout: PolicyLayout) {
    this.#inputSize = layout.inputSize;
    this.#parameterCount = layout.parameterCount;
    this.#outputSize = layout.outputSize;
    this.#observations = layout.spec.network.inputType === 'uint8' ? 'Uint8Array' : 'Float32Array';
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  open(): void {
    if (this.#closed) throw new ClosedError('the policy engine');
  }

  theta(theta: Float32Array): Float32Array {
    this.open();
    return checkArray('θ', theta, 'Float32Array', this.#parameterCount, exactNumbers);
  }

  direction(v: Float32Array): Float32Array {
    this.open();
    return checkArray('v', v, 'Float32Array', this.#parameterCount, exactNumbers);
  }

  thetas(thetas: Float32Array, count: number): Float32Array {
    return checkArray('thetas', thetas, 'Float32Array', count * this.#parameterCount, numbers);
  }

  /** Also of `count`. */
  observations<Observations extends ObservationArray>(observations: Observations, count: number): Observations {
    this.open();
    if (!Number.isSafeInteger(count) || count < 0 || count > 2 ** 31 - 1) {
      throw new ArgumentError(`count = ${describeValue(count)}`, {
        value: count,
        expected: 'a number of observations, 0 … 2^31 - 1',
      });
    }
    const length = count * this.#inputSize;
    return checkArray('observations', observations, this.#observations, length, numbers) as Observations;
  }

  cotangents(cotangents: Float32Array, count: number): Float32Array {
    this.open();
    return checkArray('cotangents', cotangents, 'Float32Array', count * this.#outputSize, numbers);
  }

  weights(weights: Float32Array | undefined, count: number): Float32Array | null {
    return weights === undefined ? null : checkArray('weights', weights, 'Float32Array', count, numbers);
  }

  /** Where rows of distribution parameters go: what the caller gave, or a new array. */
  rowsOut(out: Float32Array | undefined, count: number): Float32Array {
    return this.#out(out, count * this.#outputSize);
  }

  /** Where numbers per parameter go. */
  parametersOut(out: Float32Array | undefined): Float32Array {
    return this.#out(out, this.#parameterCount);
  }

  #out(out: Float32Array | undefined, length: number): Float32Array {
    this.open();
    if (out !== undefined) return checkArray('out', out, 'Float32Array', length, numbers);
    return newResult(length);
  }
}

/** A new array for results. @throws MemoryError where there is no memory for it */
export function newResult(length: number): Float32Array {
  return namingOption('Take fewer observations at a time', 'the results', () => new Float32Array(length));
}

/** Puts a result where the caller wanted it; that array may have been detached since it was first checked. */
export function deliver(result: Float32Array, given: Float32Array | undefined): Float32Array {
  if (given === undefined) return result;
  checkArray('out', given, 'Float32Array', result.length, numbers).set(result);
  return given;
}

export function checkStride(every: number): number {
  if (!Number.isSafeInteger(every) || every < 1) {
    throw new ArgumentError(`subset stride = ${describeValue(every)}`, {
      value: every,
      expected: 'a positive integer',
    });
  }
  return every;
}

/** The observations as the engine that loaded them keeps them. @param own whether they are its own */
export function ownObservations<Own extends LoadedObservations>(
  data: LoadedObservations,
  own: (data: object) => data is Own,
): Own {
  if (typeof data !== 'object' || data === null || !own(data)) {
    throw new ArgumentError('observations of another engine', {
      value: data,
      expected: 'what load() of this engine returned',
    });
  }
  return data;
}
