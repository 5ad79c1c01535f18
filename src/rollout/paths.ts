import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { alone, type Communicator } from '../cluster/communicator.js';
import { Groups } from '../cluster/groups.js';
import { checkFactory } from '../env/check-factory.js';
import type { EnvFactory, VectorEnv } from '../env/types.js';
import { checkActingPolicy } from '../policy/fit.js';
import type { ActingPolicy } from '../policy/types.js';
import { checkShares, type GroupedBatch, joinPaths, pathSummary, sampleGroups, summaryOfPaths } from './grouped.js';
import { checkEpisodesEnd } from './horizon.js';
import { PathGroup, type SampleRequest, type Trajectories, type TrunkRequest } from './path-group.js';
import type { PathBatch } from './types.js';

export const singlePathSchema = z.strictObject({
  /** Budget: a path starts while fewer steps than this were taken. */
  steps: z.int().min(1).max(100_000_000),
  /** Exactly so many whole paths instead, however long: `steps` is then what they are expected to take. */
  paths: z.int().min(1).max(10_000_000).optional(),
  /** N: paths in progress at the same time. Part of the result, unlike the number of threads. */
  slots: z.int().min(1).max(65_536),
  /** Ends all paths when the budget is used up, as if by the length limit, instead of finishing them. */
  cutAtBudget: z.boolean().default(false),
  /**
   * Parts of the batch that are sampled apart, each with its share of steps and slots: at most as many processes can take
   * part. Part of the result, unlike the number of processes.
   */
  groups: z.int().min(1).max(65_536).default(1),
});
export type SinglePathOptions = z.output<typeof singlePathSchema>;

/**
 * Single-path sampling (section 5.1): whole trajectories of the current policy, numbered in start order, group after group.
 * Path k of a group is the same whatever slot, thread or process it ran on: its start state and its actions are drawn with
 * keys of its own.
 */
export class SinglePathSampler {
  private readonly groups: Groups;
  private readonly samplers: PathGroup[] = [];

  /**
   * @param policy engine and distribution; the engine's θ at the time of `sample` acts
   * @param threads of the simulator; default: cores
   * @param communicator other processes, which sample the other groups
   * @throws ArgumentError, NotFoundError for options or a policy that do not fit; MemoryError
   */
  constructor(
    private readonly factory: EnvFactory,
    policy: ActingPolicy,
    given: z.input<typeof singlePathSchema>,
    threads?: number,
    communicator: Communicator = alone,
  ) {
    const { steps, paths, slots, cutAtBudget, groups } = parseOptions(singlePathSchema, given, 'sampling options');
    const { spec } = checkFactory(factory);
    checkActingPolicy(policy, spec);
    if (!cutAtBudget) checkEpisodesEnd(spec, 'sampling.cutAtBudget = true');
    checkShares(groups, {
      'sampling.steps': steps,
      'sampling.slots': slots,
      'sampling.paths': paths ?? groups,
    });
    this.groups = new Groups(groups, communicator);
    for (const group of this.groups.own) {
      const share = (total: number) => this.groups.part(total, group);
      const part = { steps: share(steps), paths: paths && share(paths), slots: share(slots) };
      this.samplers.push(new PathGroup(factory, policy, { ...part, cutAtBudget, group, groups }, threads));
    }
  }

  /** Environments of the first group of this process. */
  get env(): VectorEnv {
    return this.samplers[0].env;
  }

  /**
   * Samples one batch with the engine's current θ: all of it, in every process. The batch's arrays are valid until the next
   * call.
   * @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for rewards that are not finite
   */
  async sample(request: SampleRequest): Promise<PathBatch> {
    const { groups } = this;
    if (groups.single) return this.samplers[0].sample(request);
    const own = await this.sampleOwn(request);
    return joinPaths(await groups.gatherAll(own));
  }

  /** The same batch, of which each process has the rows of its own groups. @throws AbortedError like `sample` */
  async sampleGroups(request: SampleRequest): Promise<GroupedBatch<PathBatch>> {
    const own = await this.sampleOwn(request);
    if (this.groups.single) return { groups: this.groups, whole: own[0], own, firstStates: [0] };
    const parts = await this.groups.gatherAll(own.map(pathSummary));
    return { groups: this.groups, own, ...summaryOfPaths(parts, this.groups) };
  }

  /**
   * The paths of a batch of one group, not sorted: for who needs only some of their states.
   * @throws AbortedError like `sample`; ArgumentError if there are several groups
   */
  async run(request: TrunkRequest): Promise<Trajectories> {
    if (this.groups.single) return this.samplers[0].run(request);
    throw new ArgumentError(`a run of ${this.groups.count} groups`, { expected: 'sampling.groups = 1' });
  }

  close(): void {
    for (const sampler of this.samplers) sampler.close();
  }

  private sampleOwn(request: SampleRequest): Promise<PathBatch[]> {
    return sampleGroups(this.factory, this.groups, request, (i, own) => this.samplers[i].sample(own));
  }
}
