import { describeValue } from '../../base/describe.js';
import { ArgumentError, ClosedError, NotFoundError } from '../../base/errors.js';
import { isList, isObject } from '../../base/kinds.js';
import { namingOption } from '../../base/memory.js';
import type { ObservationArray } from '../../env/types.js';
import { checkArray } from '../../native/arrays.js';
import type { NetworkLayout } from '../layout.js';
import type { LoadedObservations, Metric } from '../types.js';

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

  constructor(layout: NetworkLayout) {
    this.#inputSize = layout.inputSize;
    this.#parameterCount = layout.parameterCount;
    this.#outputSize = layout.outputSize;
    this.#observations = layout.spec.inputType === 'uint8' ? 'Uint8Array' : 'Float32Array';
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  open(): void {
    if (this.#closed) throw new ClosedError('the network engine');
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

  metric(metric: Metric, count: number): CheckedMetric {
    this.open();
    return checkMetric(metric, count, this.#outputSize);
  }

  weights(weights: Float32Array | undefined, count: number): Float32Array | null {
    return weights === undefined ? null : checkArray('weights', weights, 'Float32Array', count, numbers);
  }

  /** Where rows of outputs go: what the caller gave, or a new array. */
  rowsOut(out: Float32Array | undefined, count: number): Float32Array {
    return this.#out(out, count * this.#outputSize);
  }

  /** Where gradients in the observations go. */
  inputsOut(out: Float32Array | undefined, count: number): Float32Array {
    return this.#out(out, count * this.#inputSize);
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

/** A metric that fits a network's outputs; its weights are still the caller's. */
export interface CheckedMetric {
  readonly kind: Metric['kind'];
  readonly sizes: readonly number[];
  readonly weights: Float32Array | null;
  /** The weights are of each observation's own. */
  readonly eachRow: boolean;
}

const METRICS: readonly Metric['kind'][] = ['gaussian', 'categorical', 'identity', 'diagonal', 'dense'];

function checkMetric(metric: Metric, count: number, m: number): CheckedMetric {
  if (!isObject(metric)) {
    throw new ArgumentError(`metric: ${describeValue(metric)}`, {
      value: metric,
      expected: `an object whose kind is ${METRICS.join(', ')}; distribution.metric() gives one`,
    });
  }
  const plain = { sizes: [], weights: null, eachRow: false };
  const { kind } = metric;
  switch (kind) {
    case 'gaussian':
      if (m % 2 === 0) return { kind, ...plain };
      throw new ArgumentError(`a gaussian metric on ${m} outputs`, {
        value: m,
        expected: 'means and log stds: an even number',
      });
    case 'categorical': {
      // Not `Number`, which runs the code of what is no number.
      const number = (size: unknown) => (typeof size === 'number' ? size : Number.NaN);
      const listed = isList(metric.sizes) && metric.sizes.length <= m;
      const sizes = listed ? Array.from(metric.sizes as unknown[], number) : [];
      const sum = sizes.reduce((a, b) => a + b, 0);
      if (sizes.every((size) => Number.isInteger(size) && size > 0) && sum === m) return { kind, ...plain, sizes };
      throw new ArgumentError(`a categorical metric of sizes [${sizes}]`, {
        value: metric.sizes,
        expected: `positive integers with the sum ${m}, the network's outputs`,
      });
    }
    case 'identity':
      return { kind, ...plain };
    case 'diagonal': {
      const { weights } = metric;
      const eachRow = checkArray('weights of the metric', weights, 'Float32Array', 0, numbers).length !== m;
      const length = eachRow ? count * m : m;
      checkArray('weights of the metric', weights, 'Float32Array', length, exactNumbers);
      return { kind, sizes: [], weights, eachRow };
    }
    case 'dense': {
      const weights = checkArray('weights of the metric', metric.weights, 'Float32Array', count * m * m, exactNumbers);
      return { kind, sizes: [], weights, eachRow: true };
    }
    default:
      throw new NotFoundError('metric', typeof kind === 'string' ? kind : describeValue(kind), METRICS);
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

/** Numbers of observations among `count`. */
export function checkIndices(indices: Int32Array, count: number): Int32Array {
  checkArray('indices', indices, 'Int32Array', 0);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (index >= 0 && index < count) continue;
    throw new ArgumentError(`indices[${i}] = ${index}`, { value: index, expected: `0 … ${count - 1}` });
  }
  return indices;
}

/** The observations as the engine that loaded them keeps them. @param own whether they are its own */
export function ownObservations<Own extends LoadedObservations>(
  data: LoadedObservations,
  own: (data: object) => data is Own,
): Own {
  if (!isObject(data) || !own(data)) {
    throw new ArgumentError('observations of another engine', {
      value: data,
      expected: 'what load() of this engine returned',
    });
  }
  return data;
}
