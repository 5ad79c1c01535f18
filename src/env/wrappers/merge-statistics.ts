/** Statistics as `saveStatistics` gives them: `<name>.mean`, `<name>.variance` [size], `<name>.count` [1]. */
type Saved = Readonly<Record<string, Float64Array>>;

/**
 * What statistics are once the rows of several groups were added that each started from `before`: what each has added to
 * it is taken out of its own and merged, in their order (Chan, Golub and LeVeque, 1983).
 * @param after of each group
 */
export function mergeStatistics(before: Saved, after: readonly Saved[]): Record<string, Float64Array> {
  const merged: Record<string, Float64Array> = {};
  for (const field of Object.keys(before)) {
    if (!field.endsWith('.count')) continue;
    const name = field.slice(0, -'.count'.length);
    const of = (saved: Saved) => ({
      mean: saved[`${name}.mean`],
      variance: saved[`${name}.variance`],
      count: saved[field][0],
    });
    const [start, all] = [of(before), of(copied(before))];
    for (const one of after.map(of)) {
      const added = one.count - start.count;
      if (!(added > 0)) continue;
      const total = all.count + added;
      for (let i = 0; i < all.mean.length; i++) {
        const mean = (one.mean[i] * one.count - start.mean[i] * start.count) / added;
        const apart = mean - start.mean[i];
        const together = (apart * apart * start.count * added) / one.count;
        const squares = one.variance[i] * one.count - start.variance[i] * start.count - together;
        const away = mean - all.mean[i];
        const sum = all.variance[i] * all.count + Math.max(0, squares) + (away * away * all.count * added) / total;
        all.mean[i] += (away * added) / total;
        all.variance[i] = sum / total;
      }
      all.count = total;
    }
    merged[`${name}.mean`] = all.mean;
    merged[`${name}.variance`] = all.variance;
    merged[field] = Float64Array.of(all.count);
  }
  return merged;
}

function copied(saved: Saved): Saved {
  return Object.fromEntries(Object.entries(saved).map(([name, array]) => [name, array.slice()]));
}
