import { ArgumentError } from '../base/errors.js';
import { namingOption } from '../base/memory.js';
import { Purpose, streamKey } from '../base/random.js';
import { checkFactory } from '../env/check-factory.js';
import { deserializeSnapshot, serializeSnapshot } from '../env/snapshot-bytes.js';
import type { EnvFactory, VectorEnv } from '../env/types.js';
import { checkActingPolicy } from '../policy/fit.js';
import type { ActingPolicy } from '../policy/types.js';
import { type Behaviour, drawActions } from './behaviour.js';
import { EpisodeRecord } from './episodes.js';
import { checkFinite, checkRewards } from './finite.js';
import { Lockstep } from './lockstep.js';
import type { SampleRequest } from './path-group.js';
import { TransitionLog } from './transition-log.js';
import type { Episodes, PathBatch } from './types.js';

export interface SegmentOptions {
  /** Of a batch, in all slots together: a multiple of their number */
  readonly steps: number;
  readonly slots: number;
}

/** Returns and lengths of whole episodes, and how many of them ended in the batch. */
export interface WholeEpisodes extends Pick<Episodes, 'returns' | 'lengths'> {
  readonly ended: number;
}

/** A batch of segments. */
export interface SegmentBatch extends PathBatch {
  /**
   * The episodes that ended in the batch, from their beginnings on; where none did, those that ended last, or before any
   * has, those in progress.
   */
  readonly whole: WholeEpisodes;
}

/**
 * Samples batches of equally many steps of every slot, in which episodes go on from batch to batch: the way of PPO and A2C
 * elsewhere. A batch's paths are the parts of episodes that lie in it; one that is cut by the batch's end counts as
 * truncated there, with its last observation as the final one. What it does next depends on what it did before, so it
 * has a state. The k-th episode of a slot has keys of its own.
 */
export class SegmentSampler {
  readonly env: VectorEnv;
  private readonly lockstep: Lockstep;
  private readonly behaviour: Behaviour;
  private readonly log: TransitionLog;
  /** Of each slot: episodes begun; of the one in progress, steps and rewards so far, and whether it has ended [N] */
  private readonly begun: Int32Array;
  private readonly lengths: Int32Array;
  private readonly returns: Float64Array;
  private readonly over: Uint8Array;
  private last: Omit<WholeEpisodes, 'ended'> = { returns: new Float64Array(0), lengths: new Int32Array(0) };

  /**
   * @param policy engine and distribution; the engine's θ at the time of `sample` acts
   * @param threads of the simulator; default: cores
   * @throws ArgumentError for steps that are no multiple of the slots, or a policy that does not fit; MemoryError
   */
  constructor(
    factory: EnvFactory,
    policy: ActingPolicy,
    private readonly options: SegmentOptions,
    threads?: number,
  ) {
    const { steps, slots } = options;
    if (steps % slots !== 0) {
      throw new ArgumentError(`sampling.steps = ${steps} in ${slots} slots that go on`, {
        value: steps,
        expected: `a multiple of ${slots}, sampling.slots`,
      });
    }
    const { spec } = checkFactory(factory);
    checkActingPolicy(policy, spec);
    this.behaviour = drawActions(policy);
    this.log = new TransitionLog(spec, policy.distribution, steps);
    const make = () => factory.make(slots, threads === undefined ? {} : { threads });
    this.env = namingOption('Lower sampling.slots', `${slots} slots of "${spec.id}"`, make);
    this.lockstep = new Lockstep(this.env, { distParamSize: this.behaviour.distParamSize, logged: true });
    this.begun = new Int32Array(slots);
    this.lengths = new Int32Array(slots);
    this.returns = new Float64Array(slots);
    this.over = new Uint8Array(slots).fill(1);
  }

  /**
   * The next batch. An error leaves the sampler somewhere in between: load a state saved before. The batch's arrays are
   * valid until the next call.
   * @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for rewards that are not finite
   */
  async sample(request: SampleRequest): Promise<SegmentBatch> {
    const { env, log, lockstep, behaviour, options } = this;
    const { places } = lockstep;
    const { signal, seed } = request;
    const divergedBefore = env.diverged;
    const segments = new EpisodeRecord(env.observations);
    const ended: { returns: number[]; lengths: number[] } = { returns: [], lengths: [] };
    log.rows = 0;
    this.beginOver(seed);
    places.clear();
    for (let slot = 0; slot < options.slots; slot++) {
      places.add(slot, segments.begin());
      places.times[slot] = this.lengths[slot];
      this.giveKey(slot, seed);
    }
    await lockstep.run(
      behaviour,
      {
        rows: (count) => log.nextRows(count),
        // Every slot is in use, so places are slots.
        onStep: (endedNow) => {
          log.commit(places, env.rewards);
          segments.addStep(places, env, endedNow);
          this.count();
          for (const slot of endedNow) {
            this.over[slot] = 1;
            ended.returns.push(this.returns[slot]);
            ended.lengths.push(this.lengths[slot]);
          }
          if (log.rows >= options.steps) segments.cut(places, env, endedNow);
        },
        onEnded: (endedNow) => {
          this.beginOver(seed);
          for (const slot of endedNow) {
            places.renew(slot, segments.begin());
            this.giveKey(slot, seed);
          }
        },
        onProgress: () => request.onProgress?.(Math.min(1, log.rows / options.steps)),
      },
      signal,
    );
    const episodes = segments.episodes();
    checkFinite(episodes.returns, (path) => `the sum of rewards of path ${path}`);
    const sorted = await log.sortByPath(episodes.offsets, signal);
    checkRewards(sorted.rewards, episodes);
    if (ended.returns.length > 0) {
      this.last = { returns: Float64Array.from(ended.returns), lengths: Int32Array.from(ended.lengths) };
    }
    const inProgress = { returns: this.returns.slice(), lengths: this.lengths.slice() };
    return {
      kind: 'paths',
      states: log.rows,
      ...sorted,
      episodes,
      whole: { ...(this.last.returns.length > 0 ? this.last : inProgress), ended: ended.returns.length },
      finalObservations: segments.finalObservations(log.observationSize),
      simulatorSteps: log.rows,
      trunkSteps: log.rows,
      branchSteps: 0,
      diverged: env.diverged - divergedBefore,
    };
  }

  /** Copies of all that decides the next batch. Those of `SEGMENT_STATE_VARIABLE` may be of any length. */
  saveState(): Record<string, Float64Array | Int32Array | Uint8Array> {
    const { begun, lengths, returns, over, last } = this;
    return {
      begun: begun.slice(),
      lengths: lengths.slice(),
      returns: returns.slice(),
      over: over.slice(),
      lastReturns: last.returns.slice(),
      lastLengths: last.lengths.slice(),
      // Before its first step an environment has nothing to save.
      env: begun[0] === 0 ? new Uint8Array(0) : serializeSnapshot(this.env.snapshot()),
    };
  }

  /** Goes on from what `saveState` gave. @throws ArgumentError, SnapshotError for the state of another sampler */
  loadState(state: Readonly<Record<string, ArrayBufferView>>): void {
    const { begun, lengths, returns, over, lastReturns, lastLengths, env } = state;
    const fits =
      begun instanceof Int32Array &&
      lengths instanceof Int32Array &&
      returns instanceof Float64Array &&
      over instanceof Uint8Array;
    const last = lastReturns instanceof Float64Array && lastLengths instanceof Int32Array && env instanceof Uint8Array;
    if (!fits || !last || [begun, lengths, returns, over].some(({ length }) => length !== this.options.slots)) {
      throw new ArgumentError('the saved state does not fit this sampler', {
        expected: `that of ${this.options.slots} slots`,
      });
    }
    if (env.length > 0) this.env.restore(deserializeSnapshot(env), Int32Array.from(begun.keys()));
    this.begun.set(begun);
    this.lengths.set(lengths);
    this.returns.set(returns);
    this.over.set(over);
    this.last = { returns: lastReturns.slice(), lengths: lastLengths.slice() };
  }

  close(): void {
    this.env.close();
  }

  /** Begins the next episode in slots whose last one is over. */
  private beginOver(seed: number): void {
    const { begun, over } = this;
    const slots = Int32Array.from(over.keys()).filter((slot) => over[slot] === 1);
    if (slots.length === 0) return;
    const keys = new Uint32Array(2 * slots.length);
    slots.forEach((slot, i) => {
      keys.set(streamKey(seed, Purpose.reset, begun[slot], slot), 2 * i);
      begun[slot]++;
      this.lengths[slot] = this.returns[slot] = over[slot] = 0;
    });
    this.env.reset(slots, keys);
  }

  private giveKey(slot: number, seed: number): void {
    this.lockstep.places.keys.set(streamKey(seed, Purpose.policy, this.begun[slot] - 1, slot), 2 * slot);
  }

  private count(): void {
    const rewards = this.env.rawRewards ?? this.env.rewards;
    for (let slot = 0; slot < this.returns.length; slot++) {
      this.returns[slot] += rewards[slot];
      this.lengths[slot]++;
    }
  }
}

/** Arrays of a `SegmentSampler`'s state that may be of any length. */
export const SEGMENT_STATE_VARIABLE: readonly string[] = ['lastReturns', 'lastLengths', 'env'];
