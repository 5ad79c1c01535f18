import { Purpose, streamKeys } from '../base/random.js';
import { Pacer } from '../base/scheduling.js';
import type { ActionArray, EnvFactory, VectorEnv } from '../env/types.js';
import { normalNoise } from '../native/noise.js';
import type { NetworkEngine } from '../network/types.js';
import { checkActingPolicy } from '../policy/fit.js';
import type { ActingPolicy, Distribution } from '../policy/types.js';
import { checkFinite } from './finite.js';
import { checkEpisodesEnd } from './horizon.js';
import { gatherRows, scatterRows } from './rows.js';
import type { SampleRequest } from './single-path.js';
import type { Episodes } from './types.js';

/** Candidates are packed closer when fewer than this share of the packed ones still run. */
const COMPACT_BELOW = 0.7;

/**
 * One stochastic episode for each of a population of parameter vectors, all stepped together: the fitness of black-box
 * methods. Candidate k's start state and noise are drawn with keys of (seed, iteration, k).
 */
export class CandidateSampler {
  private readonly env: VectorEnv;
  private readonly distribution: Distribution;
  private readonly engine: NetworkEngine;
  private readonly everySlot: Int32Array;

  constructor(
    factory: EnvFactory,
    policy: ActingPolicy,
    readonly population: number,
    threads?: number,
  ) {
    checkActingPolicy(policy, factory.spec);
    checkEpisodesEnd(factory.spec);
    this.env = factory.make(population, threads === undefined ? {} : { threads });
    this.engine = policy.engine;
    this.distribution = policy.distribution;
    this.everySlot = Int32Array.from({ length: population }, (_, i) => i);
  }

  /** @param thetas [population × P] */
  async run(thetas: Float32Array, request: SampleRequest): Promise<Episodes & { diverged: number }> {
    const { env, distribution, population } = this;
    const { seed, iteration, signal, onProgress } = request;
    const pacer = new Pacer(signal);
    const divergedBefore = env.diverged;
    env.reset(this.everySlot, streamKeys(seed, Purpose.reset, iteration, 0, population));
    const allActions = distribution.makeActions(population);
    let packed = new Packed(this.everySlot, thetas, streamKeys(seed, Purpose.policy, iteration, 0, population));
    const returns = new Float64Array(population);
    const lengths = new Int32Array(population);
    const limit = env.spec.maxEpisodeSteps;
    for (let time = 0; ; time++) {
      const running = packed.slots.filter((slot) => (env.terminated[slot] | env.truncated[slot]) === 0);
      if (running.length === 0) break;
      if (running.length < COMPACT_BELOW * packed.slots.length) packed = packed.keep(running);
      env.step(await this.act(packed, time, allActions));
      for (const slot of running) {
        returns[slot] += env.rewards[slot];
        lengths[slot]++;
      }
      if (pacer.due()) {
        onProgress?.(Math.min(1, time / limit));
        await pacer.pause();
      }
    }
    checkFinite(returns, (candidate) => `the sum of rewards of candidate ${candidate}`);
    const offsets = new Int32Array(population + 1);
    for (let k = 0; k < population; k++) offsets[k + 1] = offsets[k] + lengths[k];
    const terminated = env.terminated.slice();
    return { count: population, returns, lengths, terminated, offsets, diverged: env.diverged - divergedBefore };
  }

  close(): void {
    this.env.close();
  }

  private async act(packed: Packed, time: number, actions: ActionArray): Promise<ActionArray> {
    const { env, engine, distribution } = this;
    const count = packed.slots.length;
    const width = env.observations.length / this.population;
    const rows = env.observations.slice(0, count * width);
    gatherRows(env.observations, packed.slots, count, width, rows, 0);
    const parameters = await engine.forwardEach(packed.thetas, rows, count);
    const chosen = distribution.makeActions(count);
    distribution.sample(parameters, packed.keys, new Int32Array(count).fill(time), chosen, new Float32Array(count));
    return scatterRows(chosen, packed.slots, count, distribution.actionSize, actions);
  }
}

/** Candidates side by side, some of them perhaps finished. */
class Packed {
  constructor(
    readonly slots: Int32Array,
    readonly thetas: Float32Array,
    readonly keys: Uint32Array,
  ) {}

  keep(running: Int32Array): Packed {
    const places = Int32Array.from(running, (slot) => this.slots.indexOf(slot));
    const size = this.thetas.length / this.slots.length;
    const thetas = new Float32Array(running.length * size);
    gatherRows(this.thetas, places, running.length, size, thetas, 0);
    const keys = new Uint32Array(2 * running.length);
    gatherRows(this.keys, places, running.length, 2, keys, 0);
    return new Packed(running, thetas, keys);
  }
}

/** Standard normal draws [population × P] for an iteration's candidates, keyed by candidate. */
export function candidateNoise(seed: number, iteration: number, population: number, size: number): Float64Array {
  const keys = streamKeys(seed, Purpose.candidates, iteration, 0, population);
  return normalNoise(keys, new Int32Array(population), size, new Float64Array(population * size));
}
