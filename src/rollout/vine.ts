import type { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { alone, type Communicator } from '../cluster/communicator.js';
import { Groups } from '../cluster/groups.js';
import { checkFactory } from '../env/check-factory.js';
import type { EnvFactory } from '../env/types.js';
import { checkActingPolicy } from '../policy/fit.js';
import type { ActingPolicy } from '../policy/types.js';
import { checkFunction } from './arguments.js';
import {
  branchSummary,
  checkShares,
  type GroupedBatch,
  joinBranches,
  sampleGroups,
  summaryOfBranches,
} from './grouped.js';
import { checkEpisodesEnd } from './horizon.js';
import type { SampleRequest } from './path-group.js';
import type { BranchBatch, BranchEstimator } from './types.js';
import { countActions, VineGroup } from './vine-group.js';
import { rolloutSizes, vineSchema } from './vine-options.js';

/**
 * Vine sampling (section 5.2): trunk trajectories of the policy; a rollout set drawn from all trunk steps; from each of
 * its states K actions, each followed by a short rollout on the restored simulator state. The batch's states are the
 * rollout set.
 */
export class VineSampler {
  private readonly groups: Groups;
  private readonly samplers: VineGroup[] = [];

  /**
   * @param policy engine and distribution; the engine's θ at the time of `sample` acts
   * @param estimate makes Q of each branch from its rewards, such as `discountedQ(0.99)`
   * @param threads of the simulator; default: cores
   * @param communicator other processes, which sample the other groups
   * @throws ArgumentError for options or a policy that do not fit; MemoryError
   */
  constructor(
    private readonly factory: EnvFactory,
    policy: ActingPolicy,
    given: z.input<typeof vineSchema>,
    estimate: BranchEstimator,
    threads?: number,
    communicator: Communicator = alone,
  ) {
    const options = parseOptions(vineSchema, given, 'sampling options');
    checkFactory(factory);
    checkActingPolicy(policy, factory.spec);
    checkFunction('estimate', estimate);
    const { trunks, trunkSteps, rolloutLength, growth, firstActions, groups } = options;
    const { maxEpisodeSteps } = factory.spec;
    checkLength('sampling.rolloutLength', rolloutLength, 1, maxEpisodeSteps);
    if (growth) checkLength('sampling.growth.length', growth.length, rolloutLength + 1, maxEpisodeSteps);
    const k = firstActions === 'all' ? countActions(policy.distribution) : options.actionsPerState;
    if (firstActions === 'uniform') countActions(policy.distribution);
    if (!options.cutAtBudget) checkEpisodesEnd(factory.spec, 'sampling.cutAtBudget = true');
    const fewest = Math.min(options.rolloutStates, rolloutSizes(options, growth?.to ?? 0).states);
    checkShares(groups, {
      'sampling.trunks': trunks,
      'sampling.trunkSteps': trunkSteps,
      'sampling.rolloutStates': fewest,
    });
    this.groups = new Groups(groups, communicator);
    for (const group of this.groups.own) {
      const part = { all: options, groups: this.groups, group };
      this.samplers.push(new VineGroup(factory, policy, part, k, estimate, threads));
    }
  }

  /**
   * Samples one batch with the engine's current θ: all of it, in every process.
   * @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for sums of rewards that are not finite
   */
  async sample(request: SampleRequest): Promise<BranchBatch> {
    const own = await this.sampleOwn(request);
    return this.groups.single ? own[0] : joinBranches(await this.groups.gatherAll(own));
  }

  /** The same batch, of which each process has the rows of its own groups. @throws AbortedError like `sample` */
  async sampleGroups(request: SampleRequest): Promise<GroupedBatch<BranchBatch>> {
    const own = await this.sampleOwn(request);
    if (this.groups.single) return { groups: this.groups, whole: own[0], own, firstStates: [0] };
    const parts = await this.groups.gatherAll(own.map(branchSummary));
    return { groups: this.groups, own, ...summaryOfBranches(parts, this.groups) };
  }

  close(): void {
    for (const sampler of this.samplers) sampler.close();
  }

  private sampleOwn(request: SampleRequest): Promise<BranchBatch[]> {
    return sampleGroups(this.factory, this.groups, request, (i, own) => this.samplers[i].sample(own));
  }
}

function checkLength(option: string, length: number, least: number, episode: number): void {
  if (length >= least && length <= episode) return;
  throw new ArgumentError(`rollouts of ${length} steps in episodes of ${episode}`, {
    value: length,
    expected: `${least} <= ${option} <= ${episode}`,
  });
}
