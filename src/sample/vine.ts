import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { checkMemory, namingOption } from '../base/memory.js';
import { Purpose, streamKeys, uniform } from '../base/random.js';
import { Pacer } from '../base/scheduling.js';
import type { ActionArray, EnvFactory } from '../env/types.js';
import { type Distribution, makeDistribution } from '../policy/distribution.js';
import type { PolicyEngine } from '../policy/types.js';
import { BranchRunner, branchBytes } from './branches.js';
import { RolloutSet } from './rollout-set.js';
import { gatherRows } from './rows.js';
import { type SampleRequest, SinglePathSampler, type Trajectories } from './single-path.js';
import type { Batch } from './types.js';

const growthSchema = z
  .strictObject({ length: z.int().min(1).max(1_000_000), from: z.int().min(0).default(0), to: z.int().min(1) })
  .refine(({ from, to }) => from < to, { message: 'expected from < to' });

export const vineSchema = z.strictObject({
  /** Trunks in progress at the same time, and the least there are. */
  trunks: z.int().min(1).max(65_536).default(16),
  /** More trunks are started until this many trunk steps exist. */
  trunkSteps: z.int().min(1).max(100_000_000).default(16_000),
  /** Ends all trunks when the budget is used up. */
  cutAtBudget: z.boolean().default(false),
  /** N: states of the rollout set. */
  rolloutStates: z.int().min(1).max(10_000_000),
  /** K: actions tried in each state. */
  actionsPerState: z.int().min(1).max(1000).default(4),
  /** Steps of a branch, the first action's included. */
  rolloutLength: z.int().min(1).max(1_000_000),
  /** Branches that grow: evenly, from `rolloutLength` at iteration `from` to `length` at iteration `to` and after. */
  growth: growthSchema.optional(),
  /** What draws the first actions: the policy, evenly from all actions, or every action once each (Eq. 16). */
  firstActions: z.enum(['policy', 'uniform', 'all']).default('policy'),
  /** Common random numbers: the branches of a state share their noise. */
  commonNoise: z.boolean().default(true),
});
export type VineOptions = z.output<typeof vineSchema>;

/** Slots of an environment. */
const MOST_BRANCHES = 2 ** 24;
const BRANCHES_HINT = 'Lower sampling.rolloutStates or sampling.actionsPerState';

/** Share of an iteration's progress that the trunks stand for. */
const TRUNK_SHARE = 0.1;

/**
 * Vine sampling (section 5.2): trunk trajectories of the policy; a rollout set drawn from all trunk steps; from each of
 * its states K actions, each followed by a short rollout on the restored simulator state. The batch's states are the
 * rollout set; `returns` are the branches' discounted rewards, without bootstrap.
 */
export class VineSampler {
  private readonly trunks: SinglePathSampler;
  private readonly branches: BranchRunner;
  private readonly distribution: Distribution;
  private readonly k: number;

  constructor(
    factory: EnvFactory,
    engine: PolicyEngine,
    private readonly options: VineOptions,
    threads?: number,
  ) {
    const { trunks, trunkSteps, cutAtBudget, rolloutStates, rolloutLength, growth, firstActions } = options;
    this.distribution = makeDistribution(engine.spec.distribution);
    checkLength('sampling.rolloutLength', rolloutLength, factory.spec.maxEpisodeSteps);
    if (growth) checkLength('sampling.growth.length', growth.length, factory.spec.maxEpisodeSteps);
    this.k = firstActions === 'all' ? countActions(this.distribution) : options.actionsPerState;
    if (firstActions === 'uniform') countActions(this.distribution);
    this.trunks = new SinglePathSampler(factory, engine, { steps: trunkSteps, slots: trunks, cutAtBudget }, threads);
    const branches = rolloutStates * this.k;
    const what = `${branches} branches of "${factory.spec.id}", ${this.k} from each of ${rolloutStates} states`;
    checkMemory(what, branches * branchBytes(factory.spec, this.distribution), BRANCHES_HINT);
    if (branches > MOST_BRANCHES) {
      throw new ArgumentError(what, { value: branches, expected: `at most ${MOST_BRANCHES}`, hint: BRANCHES_HINT });
    }
    const make = () => new BranchRunner(factory, engine, branches, this.k, threads);
    this.branches = namingOption(BRANCHES_HINT, what, make);
  }

  /** Samples one batch with the engine's current parameters. @throws AbortedError soon after the signal is raised */
  async sample(request: SampleRequest): Promise<Batch> {
    const { options, k, distribution } = this;
    const { seed, iteration, discount, signal, onProgress } = request;
    const set = new RolloutSet(options.rolloutStates, seed, iteration);
    const trunks = await this.trunks.run({
      ...request,
      onProgress: (fraction) => onProgress?.(TRUNK_SHARE * fraction),
      onStates: (inProgress) => set.offer(inProgress),
    });
    const { rows: chosen, timeIndex, snapshot } = set.finish();
    const states = chosen.length;
    const { observations, parameters } = rowsOf(trunks, chosen, distribution);
    const rows = Int32Array.from({ length: states * k }, (_, i) => Math.floor(i / k));
    const { actions, logQ } = this.firstActions(parameters, rows, seed, iteration);
    const { q, steps } = await this.branches.run({
      seed,
      iteration,
      discount,
      states: snapshot,
      firstActions: actions,
      length: rolloutLengthAt(options, iteration),
      commonNoise: options.commonNoise,
      pacer: new Pacer(signal),
      onProgress: (fraction) => onProgress?.(TRUNK_SHARE + (1 - TRUNK_SHARE) * fraction),
    });
    return {
      kind: 'vine',
      states,
      actionsCount: states * k,
      observations,
      timeIndex,
      distribution: parameters,
      actions,
      stateOfAction: rows,
      logQ,
      rewards: null,
      returns: q,
      episodes: trunks.episodes,
      simulatorSteps: trunks.steps + steps,
      trunkSteps: trunks.steps,
      branchSteps: steps,
      diverged: trunks.diverged,
    };
  }

  close(): void {
    this.trunks.close();
    this.branches.close();
  }

  /** The K actions of each state and the log of what drew them. @param rows state of each action [A] */
  private firstActions(parameters: Float32Array, rows: Int32Array, seed: number, iteration: number) {
    const { distribution, options } = this;
    const actions = distribution.makeActions(rows.length);
    const logQ = new Float32Array(rows.length);
    const keys = streamKeys(seed, Purpose.branchAction, iteration, 0, rows.length);
    if (options.firstActions === 'policy') {
      const m = distribution.parameterSize;
      const repeated = new Float32Array(rows.length * m);
      gatherRows(parameters, rows, rows.length, m, repeated, 0);
      distribution.sample(repeated, keys, new Int32Array(rows.length), actions, logQ);
    } else {
      const total = countActions(distribution);
      for (let i = 0; i < rows.length; i++) {
        const drawn = Math.floor(uniform(keys[2 * i], keys[2 * i + 1], 0, 0) * total);
        writeAction(distribution, options.firstActions === 'all' ? i % total : drawn, actions, i);
      }
      logQ.fill(-Math.log(total));
    }
    return { actions, logQ };
  }
}

function checkLength(option: string, length: number, episode: number): void {
  if (length <= episode) return;
  throw new ArgumentError(`rollouts of ${length} steps in episodes of ${episode}`, {
    value: length,
    expected: `${option} <= ${episode}`,
  });
}

/** Steps of a branch at an iteration. */
export function rolloutLengthAt({ rolloutLength, growth }: VineOptions, iteration: number): number {
  if (growth === undefined) return rolloutLength;
  const grown = Math.min(1, Math.max(0, (iteration - growth.from) / (growth.to - growth.from)));
  return Math.round(rolloutLength + grown * (growth.length - rolloutLength));
}

function rowsOf(trunks: Trajectories, chosen: Int32Array, { parameterSize }: Distribution) {
  const { transitions, observationSize: width } = trunks;
  const states = chosen.length;
  const observations = transitions.observations.slice(0, states * width);
  gatherRows(transitions.observations, chosen, states, width, observations, 0);
  const parameters = new Float32Array(states * parameterSize);
  gatherRows(transitions.distribution, chosen, states, parameterSize, parameters, 0);
  return { observations, parameters };
}

/** Actions of a discrete distribution, all factors together. */
function countActions(distribution: Distribution): number {
  if (distribution.spec.kind !== 'categorical') {
    throw new ArgumentError('first actions drawn evenly need a finite set of actions', {
      expected: 'sampling.firstActions = policy for continuous actions',
    });
  }
  return distribution.spec.sizes.reduce((product, size) => product * size, 1);
}

/** Action number `index` (mixed radix over the factors, last fastest) into row i. */
function writeAction(distribution: Distribution, index: number, actions: ActionArray, row: number): void {
  if (distribution.spec.kind !== 'categorical') return;
  const { sizes } = distribution.spec;
  for (let j = sizes.length - 1, left = index; j >= 0; j--) {
    actions[row * sizes.length + j] = left % sizes[j];
    left = Math.floor(left / sizes[j]);
  }
}
