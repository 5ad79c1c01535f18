import { ArgumentError } from '../base/errors.js';
import { Purpose, streamKey } from '../base/random.js';
import { gatherSnapshot } from '../env/snapshot.js';
import type { Snapshot } from '../env/types.js';
import { uniformNoise } from '../native/noise.js';
import type { StatesInProgress } from './single-path.js';

/** Draws made at a time. */
const BLOCK = 1024;

/** One kept trunk state: where it lies among the snapshots, and which step of which trunk it is. */
interface Kept {
  readonly snapshot: Snapshot;
  readonly row: number;
  readonly path: number;
  readonly time: number;
}

/**
 * The rollout set (section 5.2): N of all trunk steps, uniformly without replacement, chosen while the trunks run
 * (reservoir sampling), so that only N simulator states are ever kept. The draw for the i-th trunk step has a key of its
 * own.
 */
export class RolloutSet {
  private readonly kept: Kept[] = [];
  /** Draws of trunk steps drawnFrom, drawnFrom + 1, … */
  private readonly draws = new Float64Array(BLOCK);
  private readonly times = new Int32Array(BLOCK);
  private readonly keys: Uint32Array;
  private drawnFrom = -BLOCK;
  private offered = 0;

  constructor(
    private readonly size: number,
    seed: number,
    iteration: number,
  ) {
    const [word0, word1] = streamKey(seed, Purpose.rolloutSet, iteration);
    this.keys = new Uint32Array(2 * BLOCK);
    for (let i = 0; i < BLOCK; i++) this.keys.set([word0, word1], 2 * i);
  }

  /** Shows the states of one lockstep; keeps some, perhaps in place of others. */
  offer({ env, slots, paths, times }: StatesInProgress): void {
    const taken: { place: number; at: number }[] = [];
    for (let place = 0; place < slots.length; place++) {
      const at = this.place(this.offered++);
      if (at < this.size) taken.push({ place, at });
    }
    if (taken.length === 0) return;
    const snapshot = env.snapshot(Int32Array.from(taken, ({ place }) => slots[place]));
    taken.forEach(({ place, at }, row) => {
      this.kept[at] = { snapshot, row, path: paths[place], time: times[place] };
    });
  }

  /**
   * The set, ordered by trunk and time.
   * @param offsets first state of each trunk
   * @returns numbers of the chosen states among all trunk steps, and their simulator states
   * @throws ArgumentError if fewer states were offered than wanted
   */
  finish(offsets: Int32Array): { chosen: Int32Array; states: Snapshot } {
    if (this.offered < this.size) {
      throw new ArgumentError(`a rollout set of ${this.size} states from ${this.offered} trunk steps`, {
        value: this.size,
        expected: `at most ${this.offered}`,
        hint: 'Lower sampling.rolloutStates or raise sampling.trunkSteps',
      });
    }
    const number = ({ path, time }: Kept) => offsets[path] + time;
    const kept = this.kept.sort((a, b) => number(a) - number(b));
    const snapshots = [...new Set(kept.map(({ snapshot }) => snapshot))];
    const numbers = new Map(snapshots.map((snapshot, i) => [snapshot, i]));
    const from = Int32Array.from(kept, ({ snapshot }) => numbers.get(snapshot) ?? 0);
    const rows = Int32Array.from(kept, ({ row }) => row);
    return { chosen: Int32Array.from(kept, number), states: gatherSnapshot(snapshots, from, rows) };
  }

  /** Where the i-th step would go: every place in 0 … i alike; beyond the size: nowhere. */
  private place(i: number): number {
    if (i < this.size) return i;
    if (i >= this.drawnFrom + BLOCK) {
      this.drawnFrom = i;
      for (let at = 0; at < BLOCK; at++) this.times[at] = i + at;
      uniformNoise(this.keys, this.times, 1, this.draws);
    }
    return Math.floor(this.draws[i - this.drawnFrom] * (i + 1));
  }
}
