import { ArgumentError } from '../base/errors.js';
import { Purpose, streamKeys } from '../base/random.js';
import { alone, type Communicator } from '../cluster/communicator.js';
import { Groups } from '../cluster/groups.js';
import type { EnvFactory, VectorEnv } from '../env/types.js';
import { saveStatistics } from '../env/wrappers/saved-statistics.js';
import { normalNoise } from '../native/noise.js';
import { checkActingPolicy } from '../policy/fit.js';
import type { ActingPolicy } from '../policy/types.js';
import type { Behaviour } from './behaviour.js';
import { EpisodeRecord, playEpisodes } from './episodes.js';
import { checkFinite } from './finite.js';
import { joinEpisodes } from './grouped.js';
import { checkEpisodesEnd } from './horizon.js';
import { Lockstep } from './lockstep.js';
import type { SampleRequest } from './path-group.js';
import { gatherRows } from './rows.js';
import type { Episodes } from './types.js';

/**
 * One stochastic episode for each of a population of parameter vectors, all stepped together: the fitness of black-box
 * methods. Candidate k's start state and noise are drawn with keys of (seed, iteration, k), so that it does not matter which
 * process plays it: each takes its share of them.
 */
export class CandidateSampler {
  private readonly env: VectorEnv;
  private readonly lockstep: Lockstep;
  private readonly first: number;
  private readonly count: number;
  private readonly processes: Groups;

  /**
   * @param policy engine and distribution; the engine's own θ plays no part
   * @param population candidates of an iteration
   * @param communicator other processes, which play the other candidates
   * @throws ArgumentError for a policy that does not fit, or episodes without end; for fewer candidates than processes, and
   * for several processes on an environment with running statistics
   */
  constructor(
    factory: EnvFactory,
    private readonly policy: ActingPolicy,
    readonly population: number,
    threads?: number,
    communicator: Communicator = alone,
  ) {
    checkActingPolicy(policy, factory.spec);
    checkEpisodesEnd(factory.spec);
    const { rank, size } = communicator;
    if (size > 1 && (population < size || Object.keys(saveStatistics(factory)).length > 0)) {
      throw new ArgumentError(`${population} candidates on "${factory.spec.id}" for ${size} processes`, {
        value: population,
        expected: 'as many candidates as processes, on an environment without running statistics',
      });
    }
    this.processes = new Groups(size, communicator);
    this.first = Math.floor((population * rank) / size);
    this.count = Math.floor((population * (rank + 1)) / size) - this.first;
    this.env = factory.make(this.count, threads === undefined ? {} : { threads });
    this.lockstep = new Lockstep(this.env, { distParamSize: policy.distribution.distParamSize });
  }

  /**
   * @param thetas [population × P]
   * @throws AbortedError soon after the signal is raised; TrellisError ERR_DIVERGED for rewards that are not finite
   */
  async run(thetas: Float32Array, request: SampleRequest): Promise<Episodes & { diverged: number }> {
    const { env, lockstep, population, first, count } = this;
    const { seed, iteration, signal, onProgress } = request;
    const divergedBefore = env.diverged;
    const record = new EpisodeRecord();
    let time = 0;
    const size = thetas.length / population;
    const own = thetas.subarray(first * size, (first + count) * size);
    await playEpisodes(lockstep, drawEach(this.policy, own, count), record, {
      seed,
      iteration,
      purposes: { reset: Purpose.reset, policy: Purpose.policy },
      number: (k) => first + k,
      mayBegin: (begun) => begun < count,
      onStep: () => void time++,
      onProgress: () => onProgress?.(Math.min(1, time / env.spec.maxEpisodeSteps)),
      signal,
    });
    const episodes = record.episodes();
    checkFinite(episodes.returns, (candidate) => `the sum of rewards of candidate ${first + candidate}`);
    const played = await this.processes.gatherAll([{ episodes, diverged: env.diverged - divergedBefore }]);
    const diverged = played.reduce((sum, part) => sum + part.diverged, 0);
    return { ...joinEpisodes(played.map((part) => part.episodes)), diverged };
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
