import { Purpose, streamKeys } from '../base/random.js';
import type { EnvFactory, VectorEnv } from '../env/types.js';
import { normalNoise } from '../native/noise.js';
import { checkActingPolicy } from '../policy/fit.js';
import type { ActingPolicy } from '../policy/types.js';
import type { Behaviour } from './behaviour.js';
import { EpisodeRecord, playEpisodes } from './episodes.js';
import { checkFinite } from './finite.js';
import { checkEpisodesEnd } from './horizon.js';
import { Lockstep } from './lockstep.js';
import type { SampleRequest } from './paths.js';
import { gatherRows } from './rows.js';
import type { Episodes } from './types.js';

/**
 * One stochastic episode for each of a population of parameter vectors, all stepped together: the fitness of black-box
 * methods. Candidate k's start state and noise are drawn with keys of (seed, iteration, k).
 */
export class CandidateSampler {
  private readonly env: VectorEnv;
  private readonly lockstep: Lockstep;

  /**
   * @param policy engine and distribution; the engine's own θ plays no part
   * @param population candidates of an iteration
   * @throws ArgumentError for a policy that does not fit, or episodes without end
   */
  constructor(
    factory: EnvFactory,
    private readonly policy: ActingPolicy,
    readonly population: number,
    threads?: number,
  ) {
    checkActingPolicy(policy, factory.spec);
    checkEpisodesEnd(factory.spec);
    this.env = factory.make(population, threads === undefined ? {} : { threads });
    this.lockstep = new Lockstep(this.env, { distParamSize: policy.distribution.distParamSize });
  }

  /**
   * @param thetas [population × P]
   * @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for rewards that are not finite
   */
  async run(thetas: Float32Array, request: SampleRequest): Promise<Episodes & { diverged: number }> {
    const { env, lockstep, population } = this;
    const { seed, iteration, signal, onProgress } = request;
    const divergedBefore = env.diverged;
    const record = new EpisodeRecord();
    let time = 0;
    await playEpisodes(lockstep, drawEach(this.policy, thetas, population), record, {
      seed,
      iteration,
      purposes: { reset: Purpose.reset, policy: Purpose.policy },
      mayBegin: (begun) => begun < population,
      onStep: () => void time++,
      onProgress: () => onProgress?.(Math.min(1, time / env.spec.maxEpisodeSteps)),
      signal,
    });
    const episodes = record.episodes();
    checkFinite(episodes.returns, (candidate) => `the sum of rewards of candidate ${candidate}`);
    return { ...episodes, diverged: env.diverged - divergedBefore };
  }

  close(): void {
    this.env.close();
  }
}

/** As `drawActions`, with a θ for each place. @param thetas [population × P] */
function drawEach({ engine, distribution }: ActingPolicy, thetas: Float32Array, population: number): Behaviour {
  const size = thetas.length / population;
  let packed = thetas;
  return {
    distParamSize: distribution.distParamSize,
    async act({ count, observations, distParams, actions, logQ }, places) {
      await engine.forwardEach(packed, observations, count, distParams);
      const { keys, times } = places.draws();
      distribution.sample(distParams, keys, times, actions, logQ);
    },
    pack(kept) {
      const rows = new Float32Array(kept.length * size);
      gatherRows(packed, kept, kept.length, size, rows, 0);
      packed = rows;
    },
  };
}

/** Standard normal draws [population × P] for an iteration's candidates, keyed by candidate. */
export function candidateNoise(seed: number, iteration: number, population: number, size: number): Float64Array {
  const keys = streamKeys(seed, Purpose.candidates, iteration, 0, population);
  return normalNoise(keys, new Int32Array(population), size, new Float64Array(population * size));
}
