/** What every reproduction is given; each uses what applies to it. */
export interface ReproduceOptions {
  /** Parts to run, names separated by commas; undefined: all. */
  readonly only?: string;
  /** Seeds per cell; undefined: as the paper or the table of cells says. */
  readonly seeds?: number;
  /** Scale of the number of iterations (not of the batch). */
  readonly budget: number;
  /** Child processes at a time. */
  readonly jobs: number;
  readonly engine?: string;
  /** Results folder; undefined: the target's own under results/. */
  readonly out?: string;
  readonly json?: boolean;
  /** Draw from what is there and run nothing. */
  readonly draw?: boolean;
}
