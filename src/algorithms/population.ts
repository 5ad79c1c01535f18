import { CandidateSampler, candidateNoise } from '../rollout/candidates.js';
import { checkTheta, namingIteration } from './diverged.js';
import type { Algorithm, AlgorithmContext, AlgorithmState, IterationHooks, IterationReport } from './types.js';

/** All that a search needs to go on. */
export type SearchState = Record<string, Float32Array | Float64Array | Int32Array>;

/** A black-box search that turns normal draws into candidates and fitness into its next state. */
export interface Search {
  readonly population: number;
  ask(noise: Float64Array): Float32Array;
  tell(candidates: Float32Array, fitness: Float64Array): void;
  /** The policy to show [P] */
  theta(): Float32Array;
  save(): SearchState;
  load(state: SearchState): void;
}

/** Methods that search θ directly: every candidate plays one episode, its undiscounted return is its fitness. */
export class PopulationMethod implements Algorithm {
  private readonly sampler: CandidateSampler;

  constructor(
    private readonly context: AlgorithmContext,
    private readonly search: Search,
  ) {
    this.sampler = new CandidateSampler(context.env, context, search.population, context.threads, context.communicator);
  }

  iterate(iteration: number, hooks: IterationHooks = {}): Promise<IterationReport> {
    return namingIteration(iteration, () => this.run(iteration, hooks));
  }

  theta(): Float32Array {
    return this.search.theta();
  }

  saveState(): AlgorithmState {
    return { theta: this.search.theta(), ...this.search.save() };
  }

  loadState(state: AlgorithmState): void {
    this.search.load(state as SearchState);
  }

  close(): void {
    this.sampler.close();
  }

  private async run(iteration: number, hooks: IterationHooks): Promise<IterationReport> {
    const { search, context } = this;
    const { signal, onProgress } = hooks;
    const candidates = search.ask(
      candidateNoise(context.seed, iteration, search.population, context.engine.parameterCount),
    );
    const episodes = await this.sampler.run(candidates, {
      seed: context.seed,
      iteration,
      signal,
      onProgress: (fraction) => onProgress?.(fraction, 'sampling'),
    });
    onProgress?.(0, 'update');
    this.tell(candidates, episodes.returns);
    const steps = episodes.offsets[episodes.count];
    const { diverged } = episodes;
    return { simulatorSteps: steps, episodes, diverged, diagnostics: { trunk_steps: steps, branch_steps: 0 } };
  }

  /** Leaves the search as it was where its next state would not be finite. */
  private tell(candidates: Float32Array, fitness: Float64Array): void {
    const { search } = this;
    const before = search.save();
    try {
      search.tell(candidates, fitness);
      for (const array of Object.values(search.save())) if (!(array instanceof Int32Array)) checkTheta(array);
    } catch (error) {
      search.load(before);
      throw error;
    }
  }
}
