import type { EnvFactory, EnvOptions, ObservationArray, Slots, Snapshot, VectorEnv } from '../env/types.js';
import { WrappedEnv } from '../env/wrappers/wrapped-env.js';

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

/** Passes on all that the environment has; a snapshot of it is one of the environment's own. */
class TracedEnv extends WrappedEnv {
  readonly observations: ObservationArray;
  readonly rewards: Float64Array;
  private readonly current: (TracedPath | undefined)[] = [];

  constructor(
    inner: VectorEnv,
    private readonly paths: TracedPath[],
    private readonly point: PointOf,
  ) {
    super(inner, inner.spec, 'trace');
    this.observations = inner.observations;
    this.rewards = inner.rewards;
  }

  override restore(snapshot: Snapshot, slots: Slots, options?: { rows?: Slots; keys?: Uint32Array }): void {
    super.restore(snapshot, slots, options);
    this.begin(slots, true);
  }

  protected override started(slots: Int32Array): void {
    this.begin(slots, false);
  }

  protected override moved(active: Uint8Array): void {
    const running = this.current.filter((path) => path !== undefined && active[path.slot] === 1) as TracedPath[];
    const snapshot = this.inner.snapshot(running.map(({ slot }) => slot));
    running.forEach(({ points }, row) => void points.push(this.point(snapshot, row)));
  }

  private begin(slots: Slots, restored: boolean): void {
    const snapshot = this.inner.snapshot(slots);
    Array.from(slots).forEach((slot, row) => {
      const path: TracedPath = { slot, restored, points: [this.point(snapshot, row)] };
      this.current[slot] = path;
      this.paths.push(path);
    });
  }
}
