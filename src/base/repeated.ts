/**
 * A function of numbers that mostly repeat from one row to the next: log standard deviations that no state changes. It is
 * computed anew only where the number differs from that of the row before; the values are the same to the bit.
 */
export class Repeated {
  private readonly arguments: Float64Array;
  private readonly values: Float64Array;

  /** @param columns numbers a row */
  constructor(
    private readonly compute: (x: number) => number,
    columns: number,
  ) {
    this.arguments = new Float64Array(columns).fill(Number.NaN);
    this.values = new Float64Array(columns);
  }

  /** compute(x), of column `column` */
  at(column: number, x: number): number {
    // NaN differs from itself, so it is never taken for known.
    if (x !== this.arguments[column]) {
      this.arguments[column] = x;
      this.values[column] = this.compute(x);
    }
    return this.values[column];
  }
}
