import { ArgumentError } from '../base/errors.js';
import { Groups } from '../cluster/groups.js';
import type { LoadedObservations, NetworkEngine } from '../network/types.js';
import type { Objective } from '../optimize/objectives.js';
import { entropyOver, type Share } from '../optimize/shares.js';
import type { Problem, Step } from '../optimize/trust-region.js';
import type { Distribution } from '../policy/types.js';
import type { GroupedBatch } from '../rollout/grouped.js';
import type { SampleRequest } from '../rollout/path-group.js';
import type { BranchBatch, PathBatch } from '../rollout/types.js';
import { checkTheta, namingIteration } from './diverged.js';
import type { Algorithm, AlgorithmContext, AlgorithmState, IterationHooks, IterationReport } from './types.js';

/** What an update starts from: everything of the problem but its objective. */
export type StartingPoint = Omit<Problem, 'objective'>;

/** The two halves that make a method out of `onPolicy`. */
export interface OnPolicyParts<Batch extends PathBatch | BranchBatch> {
  readonly sampler: { sample(request: SampleRequest): Promise<Batch>; close(): void };
  /** From a batch of the policy at `start.theta` to a better θ. */
  update(batch: Batch, start: StartingPoint, iteration: number): Promise<Step>;
  /** What the update keeps from one iteration to the next, beside θ; it writes there. */
  readonly memory?: Float64Array;
}

/** What an update of a batch in groups starts from. */
export interface GroupedStart {
  readonly engine: NetworkEngine;
  readonly distribution: Distribution;
  readonly theta: Float32Array;
  /** The rows of each of this process's groups, in the order of `batch.own` */
  readonly parts: readonly Omit<Share, 'objective'>[];
  readonly signal?: AbortSignal | undefined;
}

/** The same for a batch of which every process has the rows of its own groups. */
export interface GroupedParts<Batch extends PathBatch | BranchBatch> {
  readonly sampler: { sampleGroups(request: SampleRequest): Promise<GroupedBatch<Batch>>; close(): void };
  update(batch: GroupedBatch<Batch>, start: GroupedStart, iteration: number): Promise<Step>;
  readonly memory?: Float64Array;
}

/** A method whose update needs the whole batch, in every process. */
export function onPolicy<Batch extends PathBatch | BranchBatch>(
  context: AlgorithmContext,
  { sampler, update, ...rest }: OnPolicyParts<Batch>,
): OnPolicyMethod<Batch> {
  const groups = new Groups(1);
  return new OnPolicyMethod<Batch>(context, {
    ...rest,
    sampler: {
      async sampleGroups(request) {
        const batch = await sampler.sample(request);
        return { groups, own: [batch], whole: batch, firstStates: [0] } as unknown as GroupedBatch<Batch>;
      },
      close: () => sampler.close(),
    },
    update: ({ own }, { parts, ...start }, iteration) => update(own[0], { ...start, ...parts[0] }, iteration),
  });
}

/** The problem of an update, its objective made for each of this process's groups. */
export function groupedProblem<Batch extends PathBatch | BranchBatch>(
  { groups, own }: GroupedBatch<Batch>,
  { parts, ...start }: GroupedStart,
  objectiveOf: (part: Batch, index: number) => Objective,
): Problem {
  const shares = parts.map((part, i) => ({ ...part, objective: objectiveOf(own[i], i) }));
  return { ...start, ...shares[0], ...(groups.single ? {} : { shares: { groups, own: shares } }) };
}

/** Methods that improve one policy from a fresh batch of its own: sample, then update, at every iteration. */
export class OnPolicyMethod<Batch extends PathBatch | BranchBatch> implements Algorithm {
  #theta: Float32Array;
  private readonly distribution: Distribution;

  constructor(
    private readonly context: AlgorithmContext,
    private readonly parts: GroupedParts<Batch>,
  ) {
    this.#theta = context.initialTheta.slice();
    this.distribution = context.distribution;
  }

  iterate(iteration: number, hooks: IterationHooks = {}): Promise<IterationReport> {
    return namingIteration(iteration, () => this.run(iteration, hooks));
  }

  theta(): Float32Array {
    return this.#theta;
  }

  saveState(): AlgorithmState {
    const { memory } = this.parts;
    return { theta: this.#theta.slice(), ...(memory === undefined ? {} : { memory: memory.slice() }) };
  }

  loadState(state: AlgorithmState): void {
    const { theta, memory } = state;
    if (!(theta instanceof Float32Array) || theta.length !== this.context.engine.parameterCount) {
      throw new ArgumentError('the saved state does not fit this policy', {
        value: theta?.length,
        expected: `theta of ${this.context.engine.parameterCount} numbers`,
      });
    }
    const own = this.parts.memory;
    if (own !== undefined && !(memory instanceof Float64Array && memory.length === own.length)) {
      throw new ArgumentError('the saved state does not fit this method', {
        value: memory?.length,
        expected: `memory of ${own.length} numbers`,
      });
    }
    this.#theta = theta.slice();
    if (memory instanceof Float64Array) own?.set(memory);
  }

  close(): void {
    this.parts.sampler.close();
  }

  private async run(iteration: number, hooks: IterationHooks): Promise<IterationReport> {
    const { engine, seed } = this.context;
    const { signal, onProgress } = hooks;
    const { update, memory } = this.parts;
    const before = memory?.slice();
    await engine.setTheta(this.#theta);
    const batch = await this.parts.sampler.sampleGroups({
      seed,
      iteration,
      signal,
      onProgress: (fraction) => onProgress?.(fraction, 'sampling'),
    });
    onProgress?.(0, 'update');
    const parts: { data: LoadedObservations; old: Float32Array }[] = [];
    try {
      for (const { observations, states, distParams } of batch.own) {
        parts.push({ data: await engine.load(observations, states), old: distParams });
      }
      const start = { engine, distribution: this.distribution, theta: this.#theta, parts, signal };
      const step = await update(batch, start, iteration);
      checkTheta(step.theta);
      const entropy = await entropyOver(batch.groups, this.distribution, parts, signal);
      this.#theta = step.theta;
      const { simulatorSteps, episodes, diverged, trunkSteps, branchSteps } = batch.whole;
      const diagnostics = { trunk_steps: trunkSteps, branch_steps: branchSteps, ...stepFigures(step), entropy };
      return { simulatorSteps, episodes, diverged, diagnostics };
    } catch (error) {
      if (before !== undefined) memory?.set(before);
      throw error;
    } finally {
      for (const { data } of parts) data.release();
    }
  }
}

function stepFigures({ diagnostics }: Step) {
  return {
    surrogate_before: diagnostics.objectiveBefore,
    surrogate_after: diagnostics.objectiveAfter,
    mean_kl: diagnostics.meanKl,
    max_kl: diagnostics.maxKl,
    step_fraction: diagnostics.stepFraction,
    cg_residual: diagnostics.cgResidual,
  };
}
