import { z } from 'zod';
import { namingOption } from '../base/memory.js';
import { parseOptions } from '../base/options.js';
import { Purpose } from '../base/random.js';
import { checkFactory } from '../env/check-factory.js';
import type { EnvFactory, VectorEnv } from '../env/types.js';
import { checkActingPolicy } from '../policy/fit.js';
import type { ActingPolicy } from '../policy/types.js';
import { type Behaviour, drawActions } from './behaviour.js';
import { EpisodeRecord, playEpisodes } from './episodes.js';
import { checkFinite, checkRewards } from './finite.js';
import { checkEpisodesEnd } from './horizon.js';
import { Lockstep } from './lockstep.js';
import { type TransitionArrays, TransitionLog } from './transition-log.js';
import type { Episodes, PathBatch } from './types.js';

export const singlePathSchema = z.strictObject({
  /** Budget: a path starts while fewer steps than this were taken. */
  steps: z.int().min(1).max(100_000_000),
  /** Exactly so many whole paths instead, however long: `steps` is then what they are expected to take. */
  paths: z.int().min(1).max(10_000_000).optional(),
  /** N: paths in progress at the same time. Part of the result, unlike the number of threads. */
  slots: z.int().min(1).max(65_536),
  /** Ends all paths when the budget is used up, as if by the length limit, instead of finishing them. */
  cutAtBudget: z.boolean().default(false),
});
export type SinglePathOptions = z.output<typeof singlePathSchema>;

/** What every sampler is told. */
export interface SampleRequest {
  readonly seed: number;
  readonly iteration: number;
  readonly signal?: AbortSignal | undefined;
  /** Share of the batch that is there, 0 … 1; called some twenty times a second. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

export interface TrunkRequest extends SampleRequest {
  /** Sees the states that are about to be left, once per lockstep: vine keeps them to return to. */
  onStates?(states: StatesInProgress): void;
}

/** Running paths just before a step: slot, number and time of each; views that are valid during the call. */
export interface StatesInProgress {
  readonly env: VectorEnv;
  readonly slots: Int32Array;
  readonly paths: Int32Array;
  readonly times: Int32Array;
  /** Row of the first among the transitions; the others follow. */
  readonly firstRow: number;
}

/** Whole paths as they were made. */
export interface Trajectories {
  readonly episodes: Episodes;
  readonly record: EpisodeRecord;
  /** Rows of `transitions` */
  readonly steps: number;
  /** In the order they were made, lockstep by lockstep; valid until the next batch, and longer than `steps` rows */
  readonly transitions: TransitionArrays;
  /** Numbers of an observation */
  readonly observationSize: number;
  readonly diverged: number;
}

/** Rows of capacity made for the paths that are finished beyond the budget, before the log has to grow. */
const OVERHANG_STEPS = 2000;

/**
 * Single-path sampling (section 5.1): whole trajectories of the current policy, numbered in start order. Path k of an
 * iteration is the same whatever slot or thread it ran on: its start state and its actions are drawn with keys of (seed,
 * iteration, k).
 */
export class SinglePathSampler {
  readonly env: VectorEnv;
  private readonly options: SinglePathOptions;
  private readonly lockstep: Lockstep;
  private readonly behaviour: Behaviour;
  private readonly log: TransitionLog;

  /**
   * @param policy engine and distribution; the engine's θ at the time of `sample` acts
   * @param threads of the simulator; default: cores
   * @throws ArgumentError, NotFoundError for options or a policy that do not fit; MemoryError
   */
  constructor(factory: EnvFactory, policy: ActingPolicy, given: z.input<typeof singlePathSchema>, threads?: number) {
    const options = parseOptions(singlePathSchema, given, 'sampling options');
    const { spec } = checkFactory(factory);
    checkActingPolicy(policy, spec);
    this.options = options;
    if (!options.cutAtBudget) checkEpisodesEnd(spec, 'sampling.cutAtBudget = true');
    this.behaviour = drawActions(policy);
    const overhang = options.cutAtBudget ? 1 : Math.min(spec.maxEpisodeSteps, OVERHANG_STEPS);
    this.log = new TransitionLog(spec, policy.distribution, options.steps + options.slots * overhang);
    const { slots } = options;
    const make = () => factory.make(slots, threads === undefined ? {} : { threads });
    this.env = namingOption('Lower sampling.slots (for vine: sampling.trunks)', `${slots} slots of "${spec.id}"`, make);
    this.lockstep = new Lockstep(this.env, { distParamSize: this.behaviour.distParamSize, logged: true });
  }

  /**
   * Samples one batch with the engine's current θ. The batch's arrays are valid until the next call.
   * @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for rewards that are not finite
   */
  async sample(request: SampleRequest): Promise<PathBatch> {
    const { log } = this;
    const { episodes, record, steps, diverged, observationSize } = await this.run(request);
    const sorted = await log.sortByPath(episodes.offsets, request.signal);
    checkRewards(sorted.rewards, episodes);
    return {
      kind: 'paths',
      states: steps,
      ...sorted,
      episodes,
      finalObservations: record.finalObservations(observationSize),
      simulatorSteps: steps,
      trunkSteps: steps,
      branchSteps: 0,
      diverged,
    };
  }

  /** The same paths, not sorted: for who needs only some of their states. @throws AbortedError like `sample` */
  async run({ seed, iteration, signal, onProgress, onStates }: TrunkRequest): Promise<Trajectories> {
    const { env, log, lockstep, behaviour, options } = this;
    const { places } = lockstep;
    const divergedBefore = env.diverged;
    const record = new EpisodeRecord(env.observations);
    log.rows = 0;
    await playEpisodes(lockstep, behaviour, record, {
      seed,
      iteration,
      purposes: { reset: Purpose.reset, policy: Purpose.policy },
      mayBegin: (begun) => (options.paths === undefined ? log.rows < options.steps : begun < options.paths),
      rows: (count) => log.nextRows(count),
      onActions() {
        if (onStates === undefined) return;
        const part = (array: Int32Array) => array.subarray(0, places.count);
        const [slots, paths, times] = [part(places.slots), part(places.items), part(places.times)];
        onStates({ env, slots, paths, times, firstRow: log.rows });
      },
      onStep(ended) {
        log.commit(places, env.rewards);
        if (options.cutAtBudget && log.rows >= options.steps) record.cut(places, env, ended);
      },
      onProgress: () => onProgress?.(Math.min(1, log.rows / options.steps)),
      signal,
    });
    const episodes = record.episodes();
    checkFinite(episodes.returns, (path) => `the sum of rewards of path ${path}`);
    const { arrays: transitions, rows: steps, observationSize } = log;
    return { episodes, record, steps, transitions, observationSize, diverged: env.diverged - divergedBefore };
  }

  close(): void {
    this.env.close();
  }
}
