import { z } from 'zod';
import { namingOption } from '../base/memory.js';
import { parseOptions } from '../base/options.js';
import { Purpose, streamKey } from '../base/random.js';
import { Pacer } from '../base/scheduling.js';
import { checkFactory } from '../env/check-factory.js';
import type { EnvFactory, VectorEnv } from '../env/types.js';
import type { NetworkEngine } from '../network/types.js';
import { checkActingPolicy } from '../policy/fit.js';
import type { ActingPolicy, Distribution } from '../policy/types.js';
import { checkFinite, checkRewards } from './finite.js';
import { checkEpisodesEnd } from './horizon.js';
import { Paths } from './paths.js';
import { discountedReturns } from './returns.js';
import { gatherRows, scatterRows } from './rows.js';
import { type TransitionArrays, TransitionLog } from './transition-log.js';
import type { Batch, Episodes } from './types.js';

export const singlePathSchema = z.strictObject({
  /** Budget: a path starts while fewer steps than this were taken. */
  steps: z.int().min(1).max(100_000_000),
  /** N: paths in progress at the same time. Part of the result, unlike the number of threads. */
  slots: z.int().min(1).max(65_536),
  /** Ends all paths when the budget is used up, as if by the length limit, instead of finishing them. */
  cutAtBudget: z.boolean().default(false),
});
export type SinglePathOptions = z.output<typeof singlePathSchema>;

export interface SampleRequest {
  readonly seed: number;
  readonly iteration: number;
  /** γ of the returns */
  readonly discount: number;
  readonly signal?: AbortSignal | undefined;
  /** Share of the budget used, 0 … 1; called some twenty times a second. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Sees the states that are about to be left, once per lockstep: vine keeps them to return to. */
  readonly onStates?: ((states: StatesInProgress) => void) | undefined;
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
  private readonly distribution: Distribution;
  private readonly engine: NetworkEngine;
  private readonly log: TransitionLog;

  constructor(factory: EnvFactory, policy: ActingPolicy, given: z.input<typeof singlePathSchema>, threads?: number) {
    const options = parseOptions(singlePathSchema, given, 'sampling options');
    const { spec } = checkFactory(factory);
    checkActingPolicy(policy, spec);
    this.options = options;
    if (!options.cutAtBudget) checkEpisodesEnd(spec, 'sampling.cutAtBudget = true');
    this.engine = policy.engine;
    this.distribution = policy.distribution;
    const overhang = options.cutAtBudget ? 1 : Math.min(spec.maxEpisodeSteps, OVERHANG_STEPS);
    this.log = new TransitionLog(spec, this.distribution, options.steps + options.slots * overhang);
    const { slots } = options;
    const make = () => factory.make(slots, threads === undefined ? {} : { threads });
    this.env = namingOption('Lower sampling.slots (for vine: sampling.trunks)', `${slots} slots of "${spec.id}"`, make);
  }

  /**
   * Samples one batch with the engine's current parameters. The batch's arrays are valid until the next call.
   * @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for rewards that are not finite
   */
  async sample(request: SampleRequest): Promise<Batch> {
    const { log } = this;
    const { episodes, steps, diverged } = await this.run(request);
    const sorted = await log.sortByPath(episodes.offsets, new Pacer(request.signal));
    checkRewards(sorted.rewards, episodes);
    return {
      kind: 'single-path',
      states: steps,
      actionsCount: steps,
      stateOfAction: null,
      ...sorted,
      returns: discountedReturns(sorted.rewards, episodes.offsets, request.discount),
      episodes,
      simulatorSteps: steps,
      trunkSteps: steps,
      branchSteps: 0,
      diverged,
    };
  }

  /** The same paths, not sorted: for who needs only some of their states. @throws AbortedError like `sample` */
  async run(request: SampleRequest): Promise<Trajectories> {
    const { env, log } = this;
    const pacer = new Pacer(request.signal);
    const divergedBefore = env.diverged;
    const paths = new Paths(env.slots);
    log.rows = 0;
    this.start(paths, paths.occupyAll(), request);
    while (paths.running > 0) {
      await this.step(paths, request);
      if (paths.ended > 0) this.replaceEnded(paths, request);
      if (this.options.cutAtBudget && log.rows >= this.options.steps) paths.cutAll();
      if (pacer.due()) {
        request.onProgress?.(Math.min(1, log.rows / this.options.steps));
        await pacer.pause();
      }
    }
    const { arrays: transitions, rows: steps, observationSize } = log;
    const diverged = env.diverged - divergedBefore;
    const episodes = paths.episodes();
    checkFinite(episodes.returns, (path) => `the sum of rewards of path ${path}`);
    return { episodes, steps, transitions, observationSize, diverged };
  }

  close(): void {
    this.env.close();
  }

  /** One lockstep of all running paths: observe, act, log. */
  private async step(paths: Paths, request: SampleRequest): Promise<void> {
    const { env, log, engine, distribution } = this;
    const { parameterSize: m, actionSize: d } = distribution;
    const count = paths.running;
    log.reserve(count);
    const { observations, distribution: parametersOf, actions: actionsOf, logQ, rewards } = log.arrays;
    const from = log.rows;
    const to = from + count;
    const width = log.observationSize;
    const everySlot = count === env.slots;
    if (everySlot) observations.set(env.observations, from * width);
    else gatherRows(env.observations, paths.slot, count, width, observations, from * width);

    const parameters = parametersOf.subarray(from * m, to * m);
    await engine.forward(observations.subarray(from * width, to * width), count, parameters);
    const actions = actionsOf.subarray(from * d, to * d);
    const { keys, times } = paths.draws();
    if (request.onStates !== undefined) {
      const [slots, numbers] = [paths.slot.subarray(0, count), paths.path.subarray(0, count)];
      request.onStates({ env, slots, paths: numbers, times, firstRow: from });
    }
    distribution.sample(parameters, keys, times, actions, logQ.subarray(from, to));
    env.step(everySlot ? actions : scatterRows(actions, paths.slot, count, d, paths.actionsOfAllSlots(distribution)));

    paths.advance(env, rewards, log.path, from);
    log.rows = to;
  }

  /** Starts new paths in the slots of those that ended, while the budget lasts; else the slots stay empty. */
  private replaceEnded(paths: Paths, request: SampleRequest): void {
    const mayStart = !(this.log.rows >= this.options.steps);
    this.start(paths, paths.replaceEnded(mayStart), request);
  }

  /** Resets the slots at these places of the running list and gives each its path's own keys. */
  private start(paths: Paths, places: number[], { seed, iteration }: SampleRequest): void {
    if (places.length === 0) return;
    const resetKeys = new Uint32Array(2 * places.length);
    places.forEach((place, i) => {
      const path = paths.path[place];
      resetKeys.set(streamKey(seed, Purpose.reset, iteration, path), 2 * i);
      paths.keys.set(streamKey(seed, Purpose.policy, iteration, path), 2 * place);
    });
    this.env.reset(
      Int32Array.from(places, (place) => paths.slot[place]),
      resetKeys,
    );
  }
}
