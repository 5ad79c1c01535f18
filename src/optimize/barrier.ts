import { TrellisError } from '../base/errors.js';
import { log1p } from '../base/math.js';
import { solvePositiveDefinite } from './symmetric.js';
import { dot } from './vectors.js';

/** ½ x' A x <= limit, A symmetric and positive semidefinite [P × P], row-major. */
export type Bound = Float64Array;

/** Growth of t from one centre to the next. */
const T_FACTOR = 10;
/** Squared Newton decrement at which a point counts as the centre. */
const CENTRED = 1e-6;
/** A step leaves at least the rest of every slack: what is nearly 0 would drown in rounding errors. */
const TOWARDS_BOUNDARY = 0.99;
/** Armijo's share of the promised decrease. */
const SUFFICIENT = 0.1;
const MOST_STEPS = 1000;

/**
 * Maximises g · x subject to ½ x' A x <= limit for a few bounds A by the barrier method: Newton steps on
 * -t g · x - Σ log(limit - ½ x' A x) for growing t (Boyd & Vandenberghe, Convex Optimization, 11.3). At the centre for t
 * the maximum is at most (number of bounds) / t above g · x.
 * @param upper no smaller than the maximum, and not much larger
 * @param gap how far below the maximum g · x may end, relatively
 * @returns the point and what g · x cannot exceed
 */
export function maximizeWithin(
  g: Float64Array,
  bounds: readonly Bound[],
  limit: number,
  upper: number,
  gap: number,
): { x: Float64Array; most: number } {
  const barrier = new Barrier(g, bounds, limit);
  let steps = 0;
  for (let t = bounds.length / upper; ; t *= T_FACTOR) {
    while (steps < MOST_STEPS && barrier.newton(t)) steps++;
    const gain = dot(g, barrier.x);
    const most = gain + bounds.length / t;
    if (steps >= MOST_STEPS) return { x: barrier.x, most: upper };
    if (most <= (1 + gap) * gain) return { x: barrier.x, most: Math.min(most, upper) };
  }
}

/** The barrier function around a point x strictly inside of all bounds. */
class Barrier {
  readonly x: Float64Array;
  /** limit - ½ x' A x of each bound */
  private readonly slack: Float64Array;
  /** x' A d and ½ d' A d of each bound for the direction d of a line search */
  private readonly linear: Float64Array;
  private readonly quadratic: Float64Array;

  constructor(
    private readonly g: Float64Array,
    private readonly bounds: readonly Bound[],
    limit: number,
  ) {
    this.x = new Float64Array(g.length);
    this.slack = new Float64Array(bounds.length).fill(limit);
    this.linear = new Float64Array(bounds.length);
    this.quadratic = new Float64Array(bounds.length);
  }

  /** One damped Newton step. Returns false at the centre, and where no step improves any more. */
  newton(t: number): boolean {
    const { x, slack, linear, quadratic } = this;
    const { slope, hessian } = this.derivatives(t);
    const direction = solve(hessian, slope).map((value) => -value);
    const decrement = -dot(slope, direction);
    if (!(decrement > CENTRED)) return false;
    this.bounds.forEach((bound, n) => {
      const product = multiply(bound, direction);
      linear[n] = dot(product, x);
      quadratic[n] = 0.5 * dot(product, direction);
    });
    const promised = t * dot(this.g, direction);
    for (let step = 1; step > 1e-12; step /= 2) {
      if (this.change(step, promised) > -SUFFICIENT * step * decrement) continue;
      for (let i = 0; i < x.length; i++) x[i] += step * direction[i];
      for (let n = 0; n < slack.length; n++) slack[n] -= step * (linear[n] + step * quadratic[n]);
      return true;
    }
    return false;
  }

  private derivatives(t: number): { slope: Float64Array; hessian: Float64Array } {
    const size = this.x.length;
    const slope = this.g.map((value) => -t * value);
    const hessian = new Float64Array(size * size);
    this.bounds.forEach((bound, n) => {
      const weight = 1 / this.slack[n];
      const product = multiply(bound, this.x).map((value) => weight * value);
      for (let p = 0; p < size; p++) {
        slope[p] += product[p];
        for (let q = 0; q <= p; q++) hessian[p * size + q] += weight * bound[p * size + q] + product[p] * product[q];
      }
    });
    // Symmetric to the last bit, as the decomposition wants it.
    for (let p = 0; p < size; p++) for (let q = 0; q < p; q++) hessian[q * size + p] = hessian[p * size + q];
    return { slope, hessian };
  }

  /** What a step of this length changes in the barrier function; Infinity outside and too near the boundary. */
  private change(step: number, promised: number): number {
    let change = -step * promised;
    for (let n = 0; n < this.slack.length; n++) {
      const used = (step * (this.linear[n] + step * this.quadratic[n])) / this.slack[n];
      if (!(used < TOWARDS_BOUNDARY)) return Infinity;
      change -= log1p(-used);
    }
    return change;
  }
}

function multiply(matrix: Float64Array, x: Float64Array): Float64Array {
  const product = new Float64Array(x.length);
  for (let p = 0, at = 0; p < x.length; p++) {
    let sum = 0;
    for (let q = 0; q < x.length; q++, at++) sum += matrix[at] * x[q];
    product[p] = sum;
  }
  return product;
}

/** matrix⁻¹ right. @param matrix symmetric, positive definite, row-major */
export function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const solution = solvePositiveDefinite(matrix, right);
  if (solution === null) {
    throw new TrellisError('ERR_DIVERGED', 'a Fisher matrix of the max-KL problem is not positive definite');
  }
  return solution;
}
