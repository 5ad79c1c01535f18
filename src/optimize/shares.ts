import { Groups } from '../cluster/groups.js';
import type { LoadedObservations, NetworkEngine } from '../network/types.js';
import type { Distribution } from '../policy/types.js';
import { klDivergence, meanEntropy, type Objective } from './objectives.js';
import type { Vector } from './vectors.js';

/** The rows of one group of a batch. */
export interface Share {
  readonly data: LoadedObservations;
  /** Distribution parameters at the old θ [rows × m] */
  readonly old: Float32Array;
  /** A mean over the group's rows */
  readonly objective: Objective;
}

/** A batch in groups, of which this process has some. */
export interface Shares {
  readonly groups: Groups;
  /** In the order of the groups */
  readonly own: readonly Share[];
}

/** A batch of one group. */
export function oneShare(share: Share): Shares {
  return { groups: new Groups(1), own: [share] };
}

/**
 * Means over a batch of what each of its groups has the mean of: the same bytes in every process, and of a single group
 * that group's own. One exchange.
 * @param own one vector for each group of this process, of equal lengths
 * @param weights rows of each
 */
export async function meanOverGroups(
  groups: Groups,
  own: readonly Vector[],
  weights: readonly number[],
): Promise<Vector> {
  if (groups.single) return own[0];
  const sums = await groups.sum(
    own.map((vector, i) => {
      const weighted = new Float64Array(vector.length + 1);
      for (let j = 0; j < vector.length; j++) weighted[j] = vector[j] * weights[i];
      weighted[vector.length] = weights[i];
      return weighted;
    }),
  );
  const total = sums[sums.length - 1];
  return sums.subarray(0, -1).map((sum) => sum / total);
}

/** Gradient of the objective in θ [P] at the old θ, which the engine holds, and the objective's value there. */
export async function gradientOver(
  { groups, own }: Shares,
  engine: NetworkEngine,
  signal?: AbortSignal,
): Promise<{ gradient: Float32Array; start: number }> {
  const found: Float64Array[] = [];
  for (const { data, old, objective } of own) {
    const value = await objective.value(old, signal);
    const gradient = await engine.vjp(data, await objective.cotangents(old, signal));
    if (groups.single) return { gradient, start: value };
    const both = new Float64Array(1 + gradient.length);
    both[0] = value;
    both.set(gradient, 1);
    found.push(both);
  }
  const mean = await meanOverGroups(groups, found, weightsOf(own));
  return { gradient: Float32Array.from(mean.subarray(1)), start: mean[0] };
}

/** Objective and divergences at the θ that the engine holds. */
export async function evaluateOver(
  { groups, own }: Shares,
  engine: NetworkEngine,
  distribution: Distribution,
  signal?: AbortSignal,
): Promise<{ objective: number; meanKl: number; maxKl: number }> {
  const rows: number[][] = [];
  for (const { data, old, objective } of own) {
    const distParams = await engine.evaluate(data);
    const kl = await klDivergence(distribution, old, distParams, signal);
    rows.push([data.count, await objective.value(distParams, signal), kl.mean, kl.max]);
  }
  const [[, objective, meanKl, maxKl]] = rows;
  if (groups.single) return { objective, meanKl, maxKl };
  const all = await groups.gatherNumbers(rows);
  return {
    objective: meanOf(all, 1),
    meanKl: meanOf(all, 2),
    // NaN must show.
    maxKl: all.reduce((most, row) => (row[3] <= most ? most : row[3]), 0),
  };
}

/** Mean over a batch's states of the entropy in nats. */
export async function entropyOver(
  groups: Groups,
  distribution: Distribution,
  own: readonly Omit<Share, 'objective'>[],
  signal?: AbortSignal,
): Promise<number> {
  const rows: number[][] = [];
  for (const { data, old } of own) rows.push([data.count, await meanEntropy(distribution, old, signal)]);
  return groups.single ? rows[0][1] : meanOf(await groups.gatherNumbers(rows), 1);
}

/** Weighted mean of a column; the first column has the weights. */
export function meanOf(rows: readonly ArrayLike<number>[], column: number): number {
  const total = rows.reduce((sum, row) => sum + row[0], 0);
  return rows.reduce((sum, row) => sum + row[0] * row[column], 0) / total;
}

export function weightsOf(own: readonly Pick<Share, 'data'>[]): number[] {
  return own.map(({ data }) => data.count);
}
