import { ArgumentError } from '../base/errors.js';
import { Pacer } from '../base/scheduling.js';
import { meanEntropy } from '../optimize/objectives.js';
import type { Problem, Step, StepDiagnostics } from '../optimize/trust-region.js';
import type { Distribution } from '../policy/types.js';
import type { SampleRequest } from '../rollout/single-path.js';
import type { Batch, Episodes } from '../rollout/types.js';
import { checkParameters, namingIteration } from './diverged.js';
import type { Algorithm, AlgorithmContext, AlgorithmState, IterationHooks, IterationReport } from './types.js';

/** What an update starts from: everything of the problem but its objective. */
export type StartingPoint = Omit<Problem, 'objective'> & { readonly pacer: Pacer };

/** The two halves that make a method out of `OnPolicyMethod`. */
export interface OnPolicyParts {
  readonly name: string;
  readonly sampler: { sample(request: SampleRequest): Promise<Batch>; close(): void };
  /** γ of an iteration */
  discount(iteration: number): number;
  /** From a batch of the policy at `start.theta` to better parameters. */
  update(batch: Batch, start: StartingPoint): Promise<Step>;
}

/** Methods that improve one policy from a fresh batch of its own: sample, then update, at every iteration. */
export class OnPolicyMethod implements Algorithm {
  readonly name: string;
  private theta: Float32Array;
  private readonly distribution: Distribution;

  constructor(
    private readonly context: AlgorithmContext,
    private readonly parts: OnPolicyParts,
  ) {
    this.name = parts.name;
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
    return { theta: this.theta.slice() };
  }

  loadState(state: AlgorithmState): void {
    const { theta } = state;
    if (!(theta instanceof Float32Array) || theta.length !== this.context.engine.parameterCount) {
      throw new ArgumentError('the saved state does not fit this policy', {
        value: theta?.length,
        expected: `theta of ${this.context.engine.parameterCount} numbers`,
      });
    }
    this.theta = theta.slice();
  }

  close(): void {
    this.parts.sampler.close();
  }

  private async run(iteration: number, hooks: IterationHooks): Promise<IterationReport> {
    const { engine, seed, env } = this.context;
    const { signal, onProgress } = hooks;
    const { discount, update } = this.parts;
    const began = performance.now();
    await engine.setParameters(this.theta);
    const batch = await this.parts.sampler.sample({
      seed,
      iteration,
      discount: discount(iteration),
      signal,
      onProgress: (fraction) => onProgress?.(fraction, 'sampling'),
    });
    const sampled = performance.now();
    onProgress?.(0, 'update');
    const pacer = new Pacer(signal);
    const data = await engine.load(batch.observations, batch.states);
    try {
      const { distribution, theta } = this;
      const step = await update(batch, { engine, distribution, theta, data, old: batch.distribution, pacer });
      checkParameters(step.theta);
      const entropy = await meanEntropy(distribution, batch.distribution, pacer);
      this.theta = step.theta;
      const seconds = {
        secondsSampling: (sampled - began) / 1000,
        secondsUpdate: (performance.now() - sampled) / 1000,
      };
      return { ...batchReport(batch, env.spec.maxEpisodeSteps), ...stepReport(step.diagnostics), entropy, ...seconds };
    } finally {
      data.release();
    }
  }
}

/** The columns of progress.csv that a batch decides. @param nominalLength T */
function batchReport(batch: Batch, nominalLength: number) {
  const { simulatorSteps, trunkSteps, branchSteps, diverged } = batch;
  return { ...episodesReport(batch.episodes, nominalLength), simulatorSteps, trunkSteps, branchSteps, diverged };
}

/** The columns of progress.csv that the episodes decide. @param nominalLength T */
export function episodesReport(episodes: Episodes, nominalLength: number) {
  let total = 0;
  let steps = 0;
  for (let path = 0; path < episodes.count; path++) {
    total += episodes.returns[path];
    steps += episodes.lengths[path];
  }
  return {
    episodes: episodes.count,
    meanReturn: total / episodes.count,
    meanLength: steps / episodes.count,
    meanCostPerStep: -total / (nominalLength * episodes.count),
  };
}

function stepReport(diagnostics: StepDiagnostics) {
  return {
    surrogateBefore: diagnostics.objectiveBefore,
    surrogateAfter: diagnostics.objectiveAfter,
    meanKl: diagnostics.meanKl,
    maxKl: diagnostics.maxKl,
    stepFraction: diagnostics.stepFraction,
    cgResidual: diagnostics.cgResidual,
  };
}
