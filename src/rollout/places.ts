import type { VectorEnv } from '../env/types.js';

/** Finished places are packed away when fewer than this share of all places still run. */
const PACK_BELOW = 0.75;

/**
 * The slots of an environment that are in use: places 0 … count - 1, slots ascending. In a slot plays an item: a path, a
 * branch, a candidate, an episode. A finished item stays in its place, frozen, until it is renewed or packed away.
 */
export class Places {
  count = 0;
  /** Slot, number of the item, steps that it made, of each place [N] */
  readonly slots: Int32Array;
  readonly items: Int32Array;
  readonly times: Int32Array;
  /** Key of the policy's noise, two words of each place [2 N] */
  readonly keys: Uint32Array;

  private readonly over: Uint8Array;
  private readonly ended: Int32Array;
  private view: { keys: Uint32Array; times: Int32Array };

  constructor(slots: number) {
    this.slots = new Int32Array(slots);
    this.items = new Int32Array(slots);
    this.times = new Int32Array(slots);
    this.keys = new Uint32Array(2 * slots);
    this.over = new Uint8Array(slots);
    this.ended = new Int32Array(slots);
    this.view = { keys: this.keys, times: this.times };
  }

  /** Whether the first places are all slots, in order. */
  get everySlot(): boolean {
    return this.count === this.slots.length;
  }

  /** Puts an item into a slot, above those in use. @returns its place */
  add(slot: number, item: number): number {
    const place = this.count++;
    this.slots[place] = slot;
    this.renew(place, item);
    return place;
  }

  /** Lets another item play in the slot of a finished one. */
  renew(place: number, item: number): void {
    this.items[place] = item;
    this.times[place] = 0;
    this.over[place] = 0;
  }

  runs(place: number): boolean {
    return this.over[place] === 0;
  }

  /** Keys [2 n] and times [n] of the places, for drawing actions. */
  draws(): { keys: Uint32Array; times: Int32Array } {
    const { count, keys, times } = this;
    if (this.view.times.length !== count) {
      this.view = { keys: keys.subarray(0, 2 * count), times: times.subarray(0, count) };
    }
    return this.view;
  }

  /** Counts a step of the running places. @returns those whose item ended in it, valid until the next call */
  advance({ terminated, truncated }: VectorEnv): Int32Array {
    const { slots, times, over, ended } = this;
    let count = 0;
    for (let place = 0; place < this.count; place++) {
      if (over[place] !== 0) continue;
      times[place]++;
      if ((terminated[slots[place]] | truncated[slots[place]]) !== 0) ended[count++] = place;
    }
    return ended.subarray(0, count);
  }

  finish(ended: Int32Array): void {
    for (let i = 0; i < ended.length; i++) this.over[ended[i]] = 1;
  }

  /**
   * Gives finished places up, if they are enough to be worth it.
   * @param atOnce even a single one
   * @returns the former places of those kept; null: nothing was packed
   */
  pack(atOnce: boolean): Int32Array | null {
    const { slots, items, times, keys, over } = this;
    let running = 0;
    for (let place = 0; place < this.count; place++) if (over[place] === 0) running++;
    if (running === this.count || (running >= PACK_BELOW * this.count && !atOnce)) return null;
    const kept = new Int32Array(running);
    for (let place = 0, to = 0; place < this.count; place++) {
      if (over[place] !== 0) continue;
      slots[to] = slots[place];
      items[to] = items[place];
      times[to] = times[place];
      keys.copyWithin(2 * to, 2 * place, 2 * place + 2);
      over[to] = 0;
      kept[to++] = place;
    }
    this.count = running;
    return kept;
  }

  /** Gives all places up. */
  clear(): void {
    this.count = 0;
  }
}
