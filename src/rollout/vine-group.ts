import { ArgumentError } from '../base/errors.js';
import { log } from '../base/math.js';
import { checkMemory, namingOption } from '../base/memory.js';
import { Purpose, streamKeys, uniform } from '../base/random.js';
import type { Groups } from '../cluster/groups.js';
import type { ActionArray, EnvFactory } from '../env/types.js';
import { freezeStatistics } from '../env/wrappers/wrap-factory.js';
import type { ActingPolicy, Distribution } from '../policy/types.js';
import { BranchRunner, branchBytes } from './branches.js';
import { PathGroup, type SampleRequest, type Trajectories } from './path-group.js';
import { RolloutSet } from './rollout-set.js';
import { gatherRows } from './rows.js';
import type { BranchBatch, BranchEstimator } from './types.js';
import { rolloutSizes, type VineOptions } from './vine-options.js';

/** Slots of an environment. */
const MOST_BRANCHES = 2 ** 24;
const BRANCHES_HINT = 'Lower sampling.rolloutStates or sampling.actionsPerState';

/** Share of an iteration's progress that the trunks stand for. */
const TRUNK_SHARE = 0.1;

/** What one group of a batch is made of: its number and the shares of all that `VineOptions` says. */
export interface VineGroupOptions {
  readonly all: VineOptions;
  readonly groups: Groups;
  readonly group: number;
}

/**
 * Samples one group of a vine batch: its trunks, a rollout set of their steps, and the branches. States of all groups are
 * numbered on, so that each has draws of its own.
 */
export class VineGroup {
  private readonly trunks: PathGroup;
  private branches: BranchRunner;
  private readonly distribution: Distribution;

  /** @param k actions in each state; @throws MemoryError, ArgumentError if so many branches cannot be */
  constructor(
    private readonly factory: EnvFactory,
    private readonly policy: ActingPolicy,
    private readonly options: VineGroupOptions,
    private readonly k: number,
    private readonly estimate: BranchEstimator,
    private readonly threads?: number,
  ) {
    const { all, groups, group } = options;
    const { trunks, cutAtBudget, rolloutStates } = all;
    this.distribution = policy.distribution;
    const part = { steps: this.trunkSteps, slots: groups.part(trunks, group) };
    this.trunks = new PathGroup(factory, policy, { ...part, cutAtBudget, group, groups: groups.count }, threads);
    this.branches = this.runner(groups.part(rolloutStates, group));
  }

  /** @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for sums of rewards that are not finite */
  async sample(request: SampleRequest): Promise<BranchBatch> {
    const { k, distribution, estimate } = this;
    const { all: options, groups, group } = this.options;
    const { seed, iteration, signal, onProgress } = request;
    const sizes = rolloutSizes(options, iteration);
    const wanted = groups.part(sizes.states, group);
    const firstState = groups.before(sizes.states, group);
    if (wanted !== this.branches.states) {
      this.branches.close();
      this.branches = this.runner(wanted);
    }
    const set = new RolloutSet(wanted, this.trunkSteps, seed, iteration, group);
    const trunks = await this.trunks.run({
      ...request,
      onProgress: (fraction) => onProgress?.(TRUNK_SHARE * fraction),
      onStates: (inProgress) => set.offer(inProgress),
    });
    const { rows: chosen, timeIndex, snapshot } = set.finish();
    const states = chosen.length;
    const { observations, distParams } = rowsOf(trunks, chosen, distribution);
    const stateOfAction = Int32Array.from({ length: states * k }, (_, i) => Math.floor(i / k));
    const { actions, logQ } = this.firstActions(distParams, stateOfAction, { seed, iteration, firstState });
    const { q, steps } = await this.branches.run({
      seed,
      iteration,
      estimate,
      states: snapshot,
      firstState,
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

  private get trunkSteps(): number {
    return this.options.groups.part(this.options.all.trunkSteps, this.options.group);
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
  private firstActions(
    distParams: Float32Array,
    rows: Int32Array,
    { seed, iteration, firstState }: { seed: number; iteration: number; firstState: number },
  ) {
    const { distribution, k } = this;
    const options = this.options.all;
    const actions = distribution.makeActions(rows.length);
    const logQ = new Float32Array(rows.length);
    const keys = streamKeys(seed, Purpose.branchAction, iteration, firstState * k, rows.length);
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
export function countActions(distribution: Distribution): number {
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
