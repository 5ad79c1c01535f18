import { ArgumentError } from '../base/errors.js';
import { meanEntropy } from '../optimize/objectives.js';
import type { Problem, Step } from '../optimize/trust-region.js';
import type { Distribution } from '../policy/types.js';
import type { SampleRequest } from '../rollout/paths.js';
import type { BranchBatch, PathBatch } from '../rollout/types.js';
import { checkTheta, namingIteration } from './diverged.js';
import type { Algorithm, AlgorithmContext, AlgorithmState, IterationHooks, IterationReport } from './types.js';

/** What an update starts from: everything of the problem but its objective. */
export type StartingPoint = Omit<Problem, 'objective'>;

/** The two halves that make a method out of `OnPolicyMethod`. */
export interface OnPolicyParts<Batch extends PathBatch | BranchBatch> {
  readonly sampler: { sample(request: SampleRequest): Promise<Batch>; close(): void };
  /** From a batch of the policy at `start.theta` to a better θ. */
  update(batch: Batch, start: StartingPoint, iteration: number): Promise<Step>;
  /** What the update keeps from one iteration to the next, beside θ; it writes there. */
  readonly memory?: Float64Array;
}

/** Methods that improve one policy from a fresh batch of its own: sample, then update, at every iteration. */
export class OnPolicyMethod<Batch extends PathBatch | BranchBatch> implements Algorithm {
  private theta: Float32Array;
  private readonly distribution: Distribution;

  constructor(
    private readonly context: AlgorithmContext,
    private readonly parts: OnPolicyParts<Batch>,
  ) {
    this.theta = context.initialParameters.slice();
    this.distribution = context.distribution;
  }

  iterate(iteration: number, hooks: IterationHooks = {}): Promise<IterationReport> {
    return namingIteration(iteration, () => this.run(iteration, hooks));
  }

  parameters(): Float32Array {
    return this.theta;
  }

  saveState(): AlgorithmState {
    const { memory } = this.parts;
    return { theta: this.theta.slice(), ...(memory === undefined ? {} : { memory: memory.slice() }) };
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
    this.theta = theta.slice();
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
    await engine.setParameters(this.theta);
    const batch = await this.parts.sampler.sample({
      seed,
      iteration,
      signal,
      onProgress: (fraction) => onProgress?.(fraction, 'sampling'),
    });
    onProgress?.(0, 'update');
    const data = await engine.load(batch.observations, batch.states);
    try {
      const { distribution, theta } = this;
      const old = batch.distParams;
      const step = await update(batch, { engine, distribution, theta, data, old, signal }, iteration);
      checkTheta(step.theta);
      const entropy = await meanEntropy(distribution, old, signal);
      this.theta = step.theta;
      const { simulatorSteps, episodes, diverged, trunkSteps, branchSteps } = batch;
      const diagnostics = { trunk_steps: trunkSteps, branch_steps: branchSteps, ...stepFigures(step), entropy };
      return { simulatorSteps, episodes, diverged, diagnostics };
    } catch (error) {
      if (before !== undefined) memory?.set(before);
      throw error;
    } finally {
      data.release();
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
