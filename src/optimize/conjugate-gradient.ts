import { z } from 'zod';
import { describeValue, typedArrayLength, typedArrayType } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { checkArray } from '../native/arrays.js';
import { addScaled, dot, type Vector } from './vectors.js';

const optionsSchema = z.strictObject({ iterations: z.int().min(0), residualTolerance: z.number().min(0) });

export interface ConjugateGradientOptions {
  /** At most this many products; the paper uses 10 (appendix C). */
  readonly iterations: number;
  /** Stops when r · r falls below. */
  readonly residualTolerance: number;
}

export interface ConjugateGradientResult {
  /** Approximate solution of A x = b */
  readonly x: Float64Array;
  /** |b - A x|, from the recurrence */
  readonly residual: number;
  /** Products really made */
  readonly iterations: number;
}

/**
 * Solves A x = b for a symmetric positive definite A known only by its products, starting from zero.
 * Hestenes and Stiefel, 1952; vectors are kept in double precision, products may be single.
 * @throws ArgumentError, NotFoundError, also for products of another length
 */
export async function conjugateGradient(
  product: (v: Float32Array) => Promise<Vector>,
  b: Vector,
  options: ConjugateGradientOptions,
): Promise<ConjugateGradientResult> {
  if (typeof product !== 'function') {
    throw new ArgumentError(`the product is ${describeValue(product)}`, { value: product, expected: 'a function' });
  }
  checkVector('b', b);
  const { iterations: most, residualTolerance } = parseOptions(optionsSchema, options, 'options of conjugateGradient');
  const x = new Float64Array(b.length);
  const r = Float64Array.from(b);
  const p = Float64Array.from(b);
  let rr = dot(r, r);
  let iterations = 0;
  while (iterations < most && rr >= residualTolerance) {
    const ap = await product(Float32Array.from(p));
    checkVector('the product', ap, b.length);
    const curvature = dot(p, ap);
    // A product that is not positive along p (round-off, or a broken network) would turn the search around.
    if (!(curvature > 0)) break;
    const alpha = rr / curvature;
    addScaled(x, alpha, p);
    addScaled(r, -alpha, ap);
    const next = dot(r, r);
    const beta = next / rr;
    for (let i = 0; i < p.length; i++) p[i] = r[i] + beta * p[i];
    rr = next;
    iterations++;
  }
  return { x, residual: Math.sqrt(rr), iterations };
}

function checkVector(what: string, value: unknown, length?: number): void {
  const type = typedArrayType(value);
  const isVector = type === 'Float32Array' || type === 'Float64Array';
  if (!isVector || (length !== undefined && typedArrayLength(value as Vector) !== length)) {
    throw new ArgumentError(`${what} is ${describeValue(value)}`, {
      value,
      expected: `a Float32Array or Float64Array${length === undefined ? '' : ` of ${length}`}`,
    });
  }
  checkArray(what, value, type, 0, { shared: true });
}
