/** A stream of choices that a seed repeats (mulberry32): nothing here need be good, only the same again. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed ^ 0x9e3779b9, 2654435761);
  }

  /** 0 … below - 1 */
  integer(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  /** True once in `n`. */
  oneIn(n: number): boolean {
    return this.integer(n) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(from.length)];
  }
}
