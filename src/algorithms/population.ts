import { CandidateSampler, candidateNoise } from '../rollout/candidates.js';
import { checkParameters, namingIteration } from './diverged.js';
import { episodesReport } from './on-policy.js';
import type { Algorithm, AlgorithmContext, AlgorithmState, IterationHooks, IterationReport } from './types.js';

/** A black-box search that turns normal draws into candidates and fitness into its next state. */
export interface Search {
  readonly population: number;
  ask(noise: Float64Array): Float32Array;
  tell(candidates: Float32Array, fitness: Float64Array): void;
  /** The policy to show [P] */
  parameters(): Float32Array;
  save(): AlgorithmState;
  load(state: AlgorithmState): void;
}

/** Methods that search θ directly: every candidate plays one episode, its undiscounted return is its fitness. */
export class PopulationMethod implements Algorithm {
  private readonly sampler: CandidateSampler;

  constructor(
    readonly name: string,
    private readonly context: AlgorithmContext,
    private readonly search: Search,
  ) {
    this.sampler = new CandidateSampler(context.env, context, search.population, context.threads);
  }

  iterate(iteration: number, hooks: IterationHooks = {}): Promise<IterationReport> {
    return namingIteration(iteration, () => this.run(iteration, hooks));
  }

  parameters(): Float32Array {
    return this.search.parameters();
  }

  saveState(): AlgorithmState {
    return { theta: this.search.parameters(), ...this.search.save() };
  }

  loadState(state: AlgorithmState): void {
    this.search.load(state);
  }

  close(): void {
    this.sampler.close();
  }

  private async run(iteration: number, hooks: IterationHooks): Promise<IterationReport> {
    const { search, context } = this;
    const { signal, onProgress } = hooks;
    const began = performance.now();
    const candidates = search.ask(
      candidateNoise(context.seed, iteration, search.population, context.engine.parameterCount),
    );
    const episodes = await this.sampler.run(candidates, {
      seed: context.seed,
      iteration,
      discount: 1,
      signal,
      onProgress: (fraction) => onProgress?.(fraction, 'sampling'),
    });
    const sampled = performance.now();
    this.tell(candidates, episodes.returns);
    const steps = episodes.offsets[episodes.count];
    return {
      ...episodesReport(episodes, context.env.spec.maxEpisodeSteps),
      simulatorSteps: steps,
      trunkSteps: steps,
      branchSteps: 0,
      diverged: episodes.diverged,
      surrogateBefore: Number.NaN,
      surrogateAfter: Number.NaN,
      meanKl: Number.NaN,
      maxKl: Number.NaN,
      entropy: Number.NaN,
      stepFraction: Number.NaN,
      cgResidual: Number.NaN,
      secondsSampling: (sampled - began) / 1000,
      secondsUpdate: (performance.now() - sampled) / 1000,
    };
  }

  /** Leaves the search as it was where its next state would not be finite. */
  private tell(candidates: Float32Array, fitness: Float64Array): void {
    const { search } = this;
    const before = search.save();
    try {
      search.tell(candidates, fitness);
      for (const array of Object.values(search.save())) if (!(array instanceof Int32Array)) checkParameters(array);
    } catch (error) {
      search.load(before);
      throw error;
    }
  }
}
