import { streamKey } from '../base/random.js';
import type { ObservationArray, VectorEnv } from '../env/types.js';
import { checkFunction } from './arguments.js';
import type { Behaviour } from './behaviour.js';
import type { Lockstep, LockstepHooks } from './lockstep.js';
import type { Places } from './places.js';
import type { Episodes } from './types.js';

/** What is played, numbered in start order: episode k is the same whatever slot it is played in. */
export interface EpisodeRequest extends Omit<LockstepHooks, 'onEnded'> {
  readonly seed: number;
  readonly iteration: number;
  /** Number of the k-th episode, for its keys. Default: k */
  number?(k: number): number;
  /** Purposes of the keys of episode k: its start state and environment, and its policy's noise. */
  readonly purposes: { readonly reset: number; readonly policy: number };
  /** Whether another episode may begin in a slot that is free. @param begun episodes begun so far */
  mayBegin(begun: number): boolean;
  /** After an episode was reset and before its first step. */
  onBegin?(item: number): void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Plays episodes in all slots, one after another while more may begin, to their ends (or until the places are cleared).
 * @throws AbortedError soon after the signal is raised; ArgumentError
 */
export async function playEpisodes(
  lockstep: Lockstep,
  behaviour: Behaviour,
  record: EpisodeRecord,
  request: EpisodeRequest,
): Promise<void> {
  const { env, places } = lockstep;
  const { mayBegin, onBegin: _onBegin, number: _number, onStep, signal, ...hooks } = request;
  checkFunction('mayBegin', mayBegin);
  places.clear();
  const first: number[] = [];
  while (places.count < env.slots && mayBegin(record.count)) first.push(places.add(places.count, record.begin()));
  reset(env, places, first, request);
  await lockstep.run(
    behaviour,
    {
      ...hooks,
      onStep(ended) {
        record.addStep(places, env, ended);
        onStep?.(ended);
      },
      onEnded(ended) {
        const begun: number[] = [];
        for (const place of ended) {
          if (!mayBegin(record.count)) break;
          places.renew(place, record.begin());
          begun.push(place);
        }
        reset(env, places, begun, request);
      },
    },
    signal,
  );
}

/** Starts the items of these places, each with its own keys. */
function reset(env: VectorEnv, places: Places, begun: readonly number[], request: EpisodeRequest): void {
  if (begun.length === 0) return;
  const { seed, iteration, purposes, number = (k) => k, onBegin } = request;
  const keys = new Uint32Array(2 * begun.length);
  begun.forEach((place, i) => {
    const item = places.items[place];
    keys.set(streamKey(seed, purposes.reset, iteration, number(item)), 2 * i);
    places.keys.set(streamKey(seed, purposes.policy, iteration, number(item)), 2 * place);
  });
  const slots = Int32Array.from(begun, (place) => places.slots[place]);
  env.reset(slots, keys);
  if (onBegin !== undefined) for (const place of begun) onBegin(places.items[place]);
}

/** Books episodes while they are played. */
export class EpisodeRecord {
  private readonly returns: number[] = [];
  private readonly lengths: number[] = [];
  private readonly terminated: number[] = [];
  private finals: ObservationArray | null;

  /** @param finals an array of observations, to keep the final ones in others of its kind; null: they are not kept */
  constructor(finals: ObservationArray | null = null) {
    this.finals = finals?.slice(0, 0) ?? null;
  }

  /** Episodes begun */
  get count(): number {
    return this.lengths.length;
  }

  begin(): number {
    this.returns.push(0);
    this.lengths.push(0);
    this.terminated.push(0);
    return this.lengths.length - 1;
  }

  /** Books the step just made in all running places. */
  addStep(places: Places, env: VectorEnv, ended: Int32Array): void {
    const { returns, lengths } = this;
    const { slots, items } = places;
    const rewards = env.rawRewards ?? env.rewards;
    for (let place = 0; place < places.count; place++) {
      if (!places.runs(place)) continue;
      returns[items[place]] += rewards[slots[place]];
      lengths[items[place]]++;
    }
    for (const place of ended) {
      this.terminated[items[place]] = env.terminated[slots[place]];
      this.keepFinal(env, slots[place], items[place]);
    }
  }

  /** Truncates whatever still runs where it is. */
  cut(places: Places, env: VectorEnv, ended: Int32Array): void {
    const done = new Set(ended);
    for (let place = 0; place < places.count; place++) {
      if (places.runs(place) && !done.has(place)) this.keepFinal(env, places.slots[place], places.items[place]);
    }
    places.clear();
  }

  episodes(): Episodes {
    const { count, lengths } = this;
    const offsets = new Int32Array(count + 1);
    for (let item = 0; item < count; item++) offsets[item + 1] = offsets[item] + lengths[item];
    return {
      count,
      returns: Float64Array.from(this.returns),
      lengths: Int32Array.from(lengths),
      terminated: Uint8Array.from(this.terminated),
      offsets,
    };
  }

  /** [E × obs] @param width numbers of an observation */
  finalObservations(width: number): ObservationArray {
    return (this.finals ?? new Float32Array(0)).subarray(0, this.count * width);
  }

  private keepFinal({ observations, slots }: VectorEnv, slot: number, item: number): void {
    if (this.finals === null) return;
    const width = observations.length / slots;
    if (this.finals.length < (item + 1) * width) {
      const rows = Math.max(slots, Math.ceil(1.5 * this.count), item + 1);
      const larger = observations instanceof Uint8Array ? new Uint8Array(rows * width) : new Float32Array(rows * width);
      larger.set(this.finals);
      this.finals = larger;
    }
    this.finals.set(observations.subarray(slot * width, (slot + 1) * width), item * width);
  }
}
