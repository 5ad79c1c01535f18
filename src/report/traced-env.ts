import type { ActionArray, EnvFactory, EnvOptions, Slots, Snapshot, VectorEnv } from '../env/types.js';

/** The way of one slot between a reset or restore and the next: a point a step. */
export interface TracedPath {
  readonly slot: number;
  /** Whether it began in a restored state: a branch. */
  readonly restored: boolean;
  readonly points: (readonly [number, number])[];
}

/** Reads a point to draw from one row of a snapshot. */
export type PointOf = (snapshot: Snapshot, row: number) => readonly [number, number];

/**
 * A factory whose environments write down where each slot goes, for pictures of what a sampler does. Sampling itself is
 * not changed by it.
 * @param point what of a state to keep
 * @returns the factory, and the paths of each environment it makes, in the order of making
 */
export function traceEnvs(factory: EnvFactory, point: PointOf): { factory: EnvFactory; traces: TracedPath[][] } {
  const traces: TracedPath[][] = [];
  const make = (slots: number, options?: EnvOptions) => {
    const paths: TracedPath[] = [];
    traces.push(paths);
    return new TracedEnv(factory.make(slots, options), paths, point);
  };
  return { factory: { spec: factory.spec, make }, traces };
}

class TracedEnv implements VectorEnv {
  private readonly current: (TracedPath | undefined)[] = [];

  constructor(
    private readonly env: VectorEnv,
    private readonly paths: TracedPath[],
    private readonly point: PointOf,
  ) {}

  get spec() {
    return this.env.spec;
  }
  get slots() {
    return this.env.slots;
  }
  get observations() {
    return this.env.observations;
  }
  get rewards() {
    return this.env.rewards;
  }
  get terminated() {
    return this.env.terminated;
  }
  get truncated() {
    return this.env.truncated;
  }
  get simulatorSteps() {
    return this.env.simulatorSteps;
  }
  get diverged() {
    return this.env.diverged;
  }

  reset(slots?: Slots, keys?: Uint32Array): void {
    this.env.reset(slots, keys);
    this.begin(slots ?? Array.from({ length: this.slots }, (_, i) => i), false);
  }

  restore(snapshot: Snapshot, slots: Slots, options?: { rows?: Slots; keys?: Uint32Array }): void {
    this.env.restore(snapshot, slots, options);
    this.begin(slots, true);
  }

  step(actions: ActionArray): void {
    const running = this.current.filter((path) => path !== undefined && !this.ended(path.slot)) as TracedPath[];
    this.env.step(actions);
    const ids = running.map(({ slot }) => slot);
    const snapshot = this.env.snapshot(ids);
    running.forEach(({ points }, row) => void points.push(this.point(snapshot, row)));
  }

  snapshot(slots?: Slots): Snapshot {
    return this.env.snapshot(slots);
  }

  close(): void {
    this.env.close();
  }

  private begin(slots: Slots, restored: boolean): void {
    const snapshot = this.env.snapshot(slots);
    Array.from(slots).forEach((slot, row) => {
      const path: TracedPath = { slot, restored, points: [this.point(snapshot, row)] };
      this.current[slot] = path;
      this.paths.push(path);
    });
  }

  private ended(slot: number): boolean {
    return this.terminated[slot] === 1 || this.truncated[slot] === 1;
  }
}
