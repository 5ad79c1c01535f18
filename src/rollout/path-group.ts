import { namingOption } from '../base/memory.js';
import { Purpose } from '../base/random.js';
import type { EnvFactory, VectorEnv } from '../env/types.js';
import type { ActingPolicy } from '../policy/types.js';
import { type Behaviour, drawActions } from './behaviour.js';
import { EpisodeRecord, playEpisodes } from './episodes.js';
import { checkFinite, checkRewards } from './finite.js';
import { Lockstep } from './lockstep.js';
import { type TransitionArrays, TransitionLog } from './transition-log.js';
import type { Episodes, PathBatch } from './types.js';

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

/** What one group of a batch is made of. */
export interface PathGroupOptions {
  /** Budget: a path starts while fewer steps than this were taken. */
  readonly steps: number;
  /** Exactly so many whole paths instead */
  readonly paths?: number | undefined;
  /** Paths in progress at the same time */
  readonly slots: number;
  readonly cutAtBudget: boolean;
  /** Its number, and how many there are */
  readonly group: number;
  readonly groups: number;
}

/**
 * Samples the paths of one group: its k-th path is the same whatever slot, thread or process it ran on, since its start
 * state and its actions are drawn with keys of (seed, iteration, k · groups + group).
 */
export class PathGroup {
  readonly env: VectorEnv;
  private readonly lockstep: Lockstep;
  private readonly behaviour: Behaviour;
  private readonly log: TransitionLog;

  /** @param options fit the environment, as the policy does; @throws MemoryError */
  constructor(
    factory: EnvFactory,
    policy: ActingPolicy,
    private readonly options: PathGroupOptions,
    threads?: number,
  ) {
    const { spec } = factory;
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
      number: (k) => k * options.groups + options.group,
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
