/** A side claim of the paper, tried. */
export interface ClaimResult {
  readonly id: string;
  /** Where the paper says it. */
  readonly section: string;
  readonly claim: string;
  /** One sentence: what was measured, with the numbers. */
  readonly measured: string;
  /** open: what is needed has not been run. */
  readonly verdict: 'supported' | 'not supported' | 'open';
  /** Bars of the claim's figure. */
  readonly bars: readonly Bar[];
  /** What the bars show, with its unit. */
  readonly quantity: string;
  readonly logarithmic?: boolean;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
}

export interface ClaimContext {
  /** Scale of sample sizes and iterations. */
  readonly budget: number;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/** Mean and unbiased variance. */
export function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, variance };
}

/** Scales a count by a budget, never below `least`. */
export function scaled(count: number, budget: number, least: number): number {
  return Math.max(least, Math.round(count * budget));
}

/** A number for a sentence. */
export function say(value: number): string {
  return String(Number(value.toPrecision(3)));
}
