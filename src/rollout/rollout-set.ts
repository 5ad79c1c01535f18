import { ArgumentError } from '../base/errors.js';
import { Purpose, streamKey } from '../base/random.js';
import { gatherSnapshot } from '../env/snapshot.js';
import type { Snapshot } from '../env/types.js';
import { uniformNoise } from '../native/noise.js';
import type { StatesInProgress } from './path-group.js';

/** Draws made at a time. */
const BLOCK = 1024;
/** Trunk steps of which the survivors are found before the first is made. */
const PLANNED_STEPS = 2 ** 20;

/** One kept trunk state: where it lies among the snapshots and the transitions, and which step of which trunk it is. */
interface Kept {
  readonly snapshot: Snapshot;
  readonly snapshotRow: number;
  readonly row: number;
  readonly path: number;
  readonly time: number;
}

/** N trunk states, ordered by trunk and time. */
export interface RolloutStates {
  /** Their rows among the trunks' transitions [N] */
  readonly rows: Int32Array;
  /** Time of each within its trunk [N] */
  readonly timeIndex: Int32Array;
  readonly snapshot: Snapshot;
}

/**
 * The rollout set (section 5.2): N of all trunk steps, uniformly without replacement, chosen while the trunks run
 * (reservoir sampling), so that only N simulator states are ever kept. The draw for the i-th trunk step has a key of its
 * own, so it is known beforehand which of the steps that are sure to come will not be replaced: only those are saved.
 */
export class RolloutSet {
  private readonly kept: Kept[] = [];
  /** Draws of trunk steps drawnFrom, drawnFrom + 1, … */
  private readonly draws = new Float64Array(BLOCK);
  private readonly times = new Int32Array(BLOCK);
  private readonly keys: Uint32Array;
  private drawnFrom = -BLOCK;
  private offered = 0;
  /** Steps 0 … planned - 1: which of them stay, ascending, and the place of each */
  private readonly planned: number;
  private readonly stays: Int32Array;
  private readonly places: Int32Array;
  private next = 0;

  /** @param size N, @param atLeast steps that will be offered, or more, @param item of the draws' key */
  constructor(
    private readonly size: number,
    atLeast: number,
    seed: number,
    iteration: number,
    item = 0,
  ) {
    const [word0, word1] = streamKey(seed, Purpose.rolloutSet, iteration, item);
    this.keys = new Uint32Array(2 * BLOCK);
    for (let i = 0; i < BLOCK; i++) this.keys.set([word0, word1], 2 * i);
    this.planned = Math.min(atLeast, PLANNED_STEPS);
    const lastAt = new Int32Array(Math.min(size, this.planned));
    for (let i = 0; i < this.planned; i++) {
      const at = this.place(i);
      if (at < size) lastAt[at] = i;
    }
    this.places = Int32Array.from(lastAt.keys()).sort((a, b) => lastAt[a] - lastAt[b]);
    this.stays = this.places.map((at) => lastAt[at]);
  }

  /** Shows the states of one lockstep; keeps some, perhaps in place of others. */
  offer({ env, slots, paths, times, firstRow }: StatesInProgress): void {
    const taken: { place: number; at: number }[] = [];
    const [first, end] = [this.offered, this.offered + slots.length];
    for (; this.stays[this.next] < end; this.next++) {
      taken.push({ place: this.stays[this.next] - first, at: this.places[this.next] });
    }
    for (let i = Math.max(first, this.planned); i < end; i++) {
      const at = this.place(i);
      if (at < this.size) taken.push({ place: i - first, at });
    }
    this.offered = end;
    if (taken.length === 0) return;
    const snapshot = env.snapshot(Int32Array.from(taken, ({ place }) => slots[place]));
    taken.forEach(({ place, at }, i) => {
      this.kept[at] = { snapshot, snapshotRow: i, row: firstRow + place, path: paths[place], time: times[place] };
    });
  }

  /** The set. @throws ArgumentError if fewer states were offered than wanted */
  finish(): RolloutStates {
    if (this.offered < this.size) {
      throw new ArgumentError(`a rollout set of ${this.size} states from ${this.offered} trunk steps`, {
        value: this.size,
        expected: `at most ${this.offered}`,
        hint: 'Lower sampling.rolloutStates or raise sampling.trunkSteps',
      });
    }
    if (this.offered < this.planned) throw new RangeError(`${this.offered} of ${this.planned} trunk steps offered`);
    const kept = this.kept.sort((a, b) => a.path - b.path || a.time - b.time);
    const snapshots = [...new Set(kept.map(({ snapshot }) => snapshot))];
    const numbers = new Map(snapshots.map((snapshot, i) => [snapshot, i]));
    const from = Int32Array.from(kept, ({ snapshot }) => numbers.get(snapshot) ?? 0);
    const snapshotRows = Int32Array.from(kept, ({ snapshotRow }) => snapshotRow);
    return {
      rows: Int32Array.from(kept, ({ row }) => row),
      timeIndex: Int32Array.from(kept, ({ time }) => time),
      snapshot: gatherSnapshot(snapshots, from, snapshotRows),
    };
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
