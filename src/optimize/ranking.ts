/** Indices of candidates, best (largest fitness) first; NaN counts as worst, ties keep their order. */
export function rank(fitness: ArrayLike<number>, count: number): Int32Array {
  const value = (i: number) => (Number.isNaN(fitness[i]) ? Number.NEGATIVE_INFINITY : fitness[i]);
  return Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => value(b) - value(a) || a - b);
}
