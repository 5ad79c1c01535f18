import type { ActionArray, VectorEnv } from '../env/types.js';
import type { Distribution } from '../policy/types.js';
import type { Episodes } from './types.js';

/**
 * The paths of a batch: those in progress (the running list, one place per occupied slot, slots ascending) and the
 * record of all, numbered in start order.
 */
export class Paths {
  /** Places 0 … running - 1 are in use. */
  running = 0;
  /** Paths that ended in the last `advance` */
  ended = 0;
  /** Slot, path number, key of the policy's noise (two words) of each place */
  readonly slot: Int32Array;
  readonly path: Int32Array;
  readonly keys: Uint32Array;

  private readonly times: Int32Array;
  private readonly returnSoFar: Float64Array;
  private readonly endedPlaces: Int32Array;
  private actions: ActionArray | null = null;
  private readonly lengths: number[] = [];
  private readonly returns: number[] = [];
  private readonly terminated: number[] = [];
  private view: { keys: Uint32Array; times: Int32Array };

  constructor(slots: number) {
    this.slot = new Int32Array(slots);
    this.path = new Int32Array(slots);
    this.keys = new Uint32Array(2 * slots);
    this.times = new Int32Array(slots);
    this.returnSoFar = new Float64Array(slots);
    this.endedPlaces = new Int32Array(slots);
    this.view = { keys: this.keys, times: this.times };
  }

  /** Begins a path in every slot; returns their places. */
  occupyAll(): number[] {
    this.running = this.slot.length;
    for (let place = 0; place < this.running; place++) {
      this.slot[place] = place;
      this.begin(place);
    }
    return Array.from({ length: this.running }, (_, place) => place);
  }

  /** Keys and times of the running places, for drawing actions. */
  draws(): { keys: Uint32Array; times: Int32Array } {
    if (this.view.times.length !== this.running) {
      this.view = { keys: this.keys.subarray(0, 2 * this.running), times: this.times.subarray(0, this.running) };
    }
    return this.view;
  }

  /** An action array for all slots, reused. */
  actionsOfAllSlots(distribution: Distribution): ActionArray {
    this.actions ??= distribution.makeActions(this.slot.length);
    return this.actions;
  }

  /** Books the step just made: writes reward and path number of each place to row + place, notes who ended. */
  advance(env: VectorEnv, rewards: Float32Array, pathOfRow: Int32Array, row: number): void {
    const { slot, path, times, returnSoFar, endedPlaces } = this;
    const { rewards: envRewards, terminated, truncated } = env;
    let ended = 0;
    for (let place = 0; place < this.running; place++) {
      const at = slot[place];
      const reward = envRewards[at];
      rewards[row + place] = reward;
      pathOfRow[row + place] = path[place];
      returnSoFar[place] += reward;
      times[place]++;
      if ((terminated[at] | truncated[at]) !== 0) {
        this.record(place, terminated[at]);
        endedPlaces[ended++] = place;
      }
    }
    this.ended = ended;
  }

  /**
   * Begins a new path at every place whose path ended, or gives the place up.
   * @returns the places that begin
   */
  replaceEnded(mayStart: boolean): number[] {
    const places = Array.from(this.endedPlaces.subarray(0, this.ended));
    this.ended = 0;
    if (mayStart) {
      for (const place of places) this.begin(place);
      return places;
    }
    const gone = new Set(places);
    let kept = 0;
    for (let place = 0; place < this.running; place++) {
      if (gone.has(place)) continue;
      this.slot[kept] = this.slot[place];
      this.path[kept] = this.path[place];
      this.times[kept] = this.times[place];
      this.returnSoFar[kept] = this.returnSoFar[place];
      this.keys.copyWithin(2 * kept, 2 * place, 2 * place + 2);
      kept++;
    }
    this.running = kept;
    return [];
  }

  /** Ends every path in progress where it is; not as a terminal state. Paths that have not made a step vanish. */
  cutAll(): void {
    for (let place = 0; place < this.running; place++) this.record(place, 0);
    this.running = 0;
    while (this.lengths.at(-1) === 0) {
      this.lengths.pop();
      this.returns.pop();
      this.terminated.pop();
    }
  }

  /** The record of all paths. */
  episodes(): Episodes {
    const count = this.lengths.length;
    const offsets = new Int32Array(count + 1);
    for (let path = 0; path < count; path++) offsets[path + 1] = offsets[path] + this.lengths[path];
    return {
      count,
      returns: Float64Array.from(this.returns),
      lengths: Int32Array.from(this.lengths),
      terminated: Uint8Array.from(this.terminated),
      offsets,
    };
  }

  private begin(place: number): void {
    this.path[place] = this.lengths.length;
    this.times[place] = 0;
    this.returnSoFar[place] = 0;
    this.lengths.push(0);
    this.returns.push(0);
    this.terminated.push(0);
  }

  private record(place: number, terminated: number): void {
    const path = this.path[place];
    this.lengths[path] = this.times[place];
    this.returns[path] = this.returnSoFar[place];
    this.terminated[path] = terminated;
  }
}
