/**
 * Limited-memory BFGS with an Armijo backtracking line search, for objectives whose values come from an engine and are
 * therefore asynchronous (which is why no synchronous library fits). Nocedal & Wright, Numerical Optimization, alg. 7.4.
 */
export interface LbfgsOptions {
  /** Function evaluations at most (each gives value and gradient). */
  maxEvaluations: number;
  /** Correction pairs kept. */
  memory?: number;
  /** Stop when the largest gradient component is below this. */
  gradientTolerance?: number;
  /** Stop when the relative decrease of the value is below this. */
  valueTolerance?: number;
}

export interface LbfgsResult {
  x: Float64Array;
  value: number;
  evaluations: number;
  converged: boolean;
}

export type Objective = (
  x: Float64Array,
) => { value: number; gradient: Float64Array } | Promise<{ value: number; gradient: Float64Array }>;

export async function minimizeLbfgs(
  objective: Objective,
  start: ArrayLike<number>,
  options: LbfgsOptions,
): Promise<LbfgsResult> {
  const { maxEvaluations, memory = 10, gradientTolerance = 1e-6, valueTolerance = 1e-10 } = options;
  let x: Float64Array = Float64Array.from(start);
  let { value, gradient } = await objective(x);
  let evaluations = 1;
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  let converged = false;

  while (evaluations < maxEvaluations) {
    if (gradient.every((g) => Math.abs(g) <= gradientTolerance)) {
      converged = true;
      break;
    }
    let direction = twoLoop(gradient, pairs);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      pairs.length = 0;
      direction = gradient.map((g) => -g);
      slope = dot(direction, gradient);
    }
    let step = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
    let accepted: { x: Float64Array; value: number; gradient: Float64Array } | null = null;
    while (evaluations < maxEvaluations) {
      const candidate = x.map((xi, i) => xi + step * direction[i]);
      const result = await objective(candidate);
      evaluations++;
      if (result.value <= value + 1e-4 * step * slope) {
        accepted = { x: candidate, ...result };
        break;
      }
      step /= 2;
      if (step < 1e-12) break;
    }
    if (accepted === null) break;
    const s = accepted.x.map((xi, i) => xi - x[i]);
    const y = accepted.gradient.map((g, i) => g - gradient[i]);
    const curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) {
      pairs.push({ s, y, rho: 1 / curvature });
      if (pairs.length > memory) pairs.shift();
    }
    const decrease = value - accepted.value;
    ({ x, value, gradient } = accepted);
    if (decrease <= valueTolerance * Math.max(1, Math.abs(value))) {
      converged = true;
      break;
    }
  }
  return { x, value, evaluations, converged };
}

/** -H g by the two-loop recursion, H the implicit inverse Hessian. */
function twoLoop(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = Float64Array.from(gradient, (g) => -g);
  const alphas: number[] = [];
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { s, y, rho } = pairs[k];
    const alpha = rho * dot(s, q);
    alphas[k] = alpha;
    for (let i = 0; i < q.length; i++) q[i] -= alpha * y[i];
  }
  const last = pairs.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  for (let k = 0; k < pairs.length; k++) {
    const { s, y, rho } = pairs[k];
    const beta = rho * dot(y, q);
    for (let i = 0; i < q.length; i++) q[i] += (alphas[k] - beta) * s[i];
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
