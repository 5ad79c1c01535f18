import type { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { log } from '../base/math.js';
import { checkMemory, namingOption } from '../base/memory.js';
import { parseOptions } from '../base/options.js';
import { Purpose, streamKeys, uniform } from '../base/random.js';
import { checkFactory } from '../env/check-factory.js';
import type { ActionArray, EnvFactory } from '../env/types.js';
import { freezeStatistics } from '../env/wrappers/wrap-factory.js';
import { checkActingPolicy } from '../policy/fit.js';
import type { ActingPolicy, Distribution } from '../policy/types.js';
import { checkFunction } from './arguments.js';
import { BranchRunner, branchBytes } from './branches.js';
import { type SampleRequest, SinglePathSampler, type Trajectories } from './paths.js';
import { RolloutSet } from './rollout-set.js';
import { gatherRows } from './rows.js';
import type { BranchBatch, BranchEstimator } from './types.js';
import { rolloutSizes, type VineOptions, vineSchema } from './vine-options.js';

/** Slots of an environment. */
const MOST_BRANCHES = 2 ** 24;
const BRANCHES_HINT = 'Lower sampling.rolloutStates or sampling.actionsPerState';

/** Share of an iteration's progress that the trunks stand for. */
const TRUNK_SHARE = 0.1;

/**
 * Vine sampling (section 5.2): trunk trajectories of the policy; a rollout set drawn from all trunk steps; from each of
 * its states K actions, each followed by a short rollout on the restored simulator state. The batch's states are the
 * rollout set.
 */
export class VineSampler {
  private readonly trunks: SinglePathSampler;
  private branches: BranchRunner;
  private readonly options: VineOptions;
  private readonly distribution: Distribution;
  private readonly k: number;

  /**
   * @param policy engine and distribution; the engine's θ at the time of `sample` acts
   * @param estimate makes Q of each branch from its rewards, such as `discountedQ(0.99)`
   * @param threads of the simulator; default: cores
   * @throws ArgumentError for options or a policy that do not fit; MemoryError
   */
  constructor(
    private readonly factory: EnvFactory,
    private readonly policy: ActingPolicy,
    given: z.input<typeof vineSchema>,
    private readonly estimate: BranchEstimator,
    private readonly threads?: number,
  ) {
    this.options = parseOptions(vineSchema, given, 'sampling options');
    checkFactory(factory);
    checkActingPolicy(policy, factory.spec);
    checkFunction('estimate', estimate);
    const { trunks, trunkSteps, cutAtBudget, rolloutStates, rolloutLength, growth, firstActions } = this.options;
    this.distribution = policy.distribution;
    checkLength('sampling.rolloutLength', rolloutLength, 1, factory.spec.maxEpisodeSteps);
    if (growth) checkLength('sampling.growth.length', growth.length, rolloutLength + 1, factory.spec.maxEpisodeSteps);
    this.k = firstActions === 'all' ? countActions(this.distribution) : this.options.actionsPerState;
    if (firstActions === 'uniform') countActions(this.distribution);
    this.trunks = new SinglePathSampler(factory, policy, { steps: trunkSteps, slots: trunks, cutAtBudget }, threads);
    this.branches = this.runner(rolloutStates);
  }

  /**
   * Samples one batch with the engine's current θ.
   * @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for sums of rewards that are not finite
   */
  async sample(request: SampleRequest): Promise<BranchBatch> {
    const { options, k, distribution, estimate } = this;
    const { seed, iteration, signal, onProgress } = request;
    const sizes = rolloutSizes(options, iteration);
    if (sizes.states !== this.branches.states) {
      this.branches.close();
      this.branches = this.runner(sizes.states);
    }
    const set = new RolloutSet(sizes.states, options.trunkSteps, seed, iteration);
    const trunks = await this.trunks.run({
      ...request,
      onProgress: (fraction) => onProgress?.(TRUNK_SHARE * fraction),
      onStates: (inProgress) => set.offer(inProgress),
    });
    const { rows: chosen, timeIndex, snapshot } = set.finish();
    const states = chosen.length;
    const { observations, distParams } = rowsOf(trunks, chosen, distribution);
    const stateOfAction = Int32Array.from({ length: states * k }, (_, i) => Math.floor(i / k));
    const { actions, logQ } = this.firstActions(distParams, stateOfAction, seed, iteration);
    const { q, steps } = await this.branches.run({
      seed,
      iteration,
      estimate,
      states: snapshot,
      firstActions: actions,
      length: sizes.length,
      commonNoise: options.commonNoise,
      signal,
      onProgress: (fraction) => onProgress?.(TRUNK_SHARE + (1 - TRUNK_SHARE) * fraction),
    });
    return {
      kind: 'branches',
      states,
      actionsPerState: k,
      observations,
      distParams,
      timeIndex,
      actions,
      stateOfAction,
      logQ,
      q,
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

  /** @throws MemoryError, ArgumentError if so many branches cannot be */
  private runner(states: number): BranchRunner {
    const { factory, policy, k, threads } = this;
    const branches = states * k;
    const what = `${branches} branches of "${factory.spec.id}", ${k} from each of ${states} states`;
    checkMemory(what, branches * branchBytes(factory.spec, this.distribution), BRANCHES_HINT);
    if (branches > MOST_BRANCHES) {
      throw new ArgumentError(what, { value: branches, expected: `at most ${MOST_BRANCHES}`, hint: BRANCHES_HINT });
    }
    return namingOption(
      BRANCHES_HINT,
      what,
      () => new BranchRunner(freezeStatistics(factory), policy, states, k, threads),
    );
  }

  /** The K actions of each state and the log of what drew them. @param rows state of each action [A] */
  private firstActions(distParams: Float32Array, rows: Int32Array, seed: number, iteration: number) {
    const { distribution, options } = this;
    const actions = distribution.makeActions(rows.length);
    const logQ = new Float32Array(rows.length);
    const keys = streamKeys(seed, Purpose.branchAction, iteration, 0, rows.length);
    if (options.firstActions === 'policy') {
      const m = distribution.distParamSize;
      const repeated = new Float32Array(rows.length * m);
      gatherRows(distParams, rows, rows.length, m, repeated, 0);
      distribution.sample(repeated, keys, new Int32Array(rows.length), actions, logQ);
    } else {
      const total = countActions(distribution);
      for (let i = 0; i < rows.length; i++) {
        const drawn = Math.floor(uniform(keys[2 * i], keys[2 * i + 1], 0, 0) * total);
        writeAction(distribution, options.firstActions === 'all' ? i % total : drawn, actions, i);
      }
      logQ.fill(-log(total));
    }
    return { actions, logQ };
  }
}

function checkLength(option: string, length: number, least: number, episode: number): void {
  if (length >= least && length <= episode) return;
  throw new ArgumentError(`rollouts of ${length} steps in episodes of ${episode}`, {
    value: length,
    expected: `${least} <= ${option} <= ${episode}`,
  });
}

function rowsOf(trunks: Trajectories, chosen: Int32Array, { distParamSize }: Distribution) {
  const { transitions, observationSize: width } = trunks;
  const states = chosen.length;
  const observations = transitions.observations.slice(0, states * width);
  gatherRows(transitions.observations, chosen, states, width, observations, 0);
  const distParams = new Float32Array(states * distParamSize);
  gatherRows(transitions.distParams, chosen, states, distParamSize, distParams, 0);
  return { observations, distParams };
}

/** Actions of a discrete distribution, all factors together. */
function countActions(distribution: Distribution): number {
  if (distribution.choices === undefined) {
    throw new ArgumentError('first actions drawn evenly need a finite set of actions', {
      expected: 'sampling.firstActions = policy for continuous actions',
    });
  }
  return distribution.choices.reduce((product, size) => product * size, 1);
}

/** Action number `index` (mixed radix over the factors, last fastest) into row i. */
function writeAction(distribution: Distribution, index: number, actions: ActionArray, row: number): void {
  const sizes = distribution.choices ?? [];
  for (let j = sizes.length - 1, left = index; j >= 0; j--) {
    actions[row * sizes.length + j] = left % sizes[j];
    left = Math.floor(left / sizes[j]);
  }
}
