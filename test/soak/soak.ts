/** How long a soak goes on, and where it may write. */
export interface SoakOptions {
  /** Time of Date.now() at which no new round is begun … */
  readonly until: number;
  /** … unless there were fewer rounds than this. */
  readonly least: number;
  /** A folder of its own. */
  readonly scratch: string;
}

export interface SoakResult {
  readonly passed: boolean;
  /** One line of figures. */
  readonly verdict: string;
}

export type Soak = (options: SoakOptions) => Promise<SoakResult>;

/** Rounds 0, 1, … as long as the options say. */
export function* rounds({ until, least }: SoakOptions): Generator<number> {
  for (let round = 0; round < least || Date.now() < until; round++) yield round;
}
