import type { IterationReport } from '../../src/algorithms/types.js';
import { Purpose, streamKey, uniform } from '../../src/base/random.js';
import { defineEnv } from '../../src/env/define-env.js';
import { box } from '../../src/env/spaces.js';
import type { EnvFactory } from '../../src/env/types.js';
import { ReferenceEngine } from '../../src/network/engines/reference.js';
import { authors } from '../../src/network/initialise.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import { initialPolicyParameters } from '../../src/policy/policy-layout.js';
import type { ActingPolicy, PolicySpec } from '../../src/policy/types.js';

/** Means over the episodes of a report. @param nominalLength T */
export function episodeMeans({ episodes }: IterationReport, nominalLength: number) {
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
  const meanReturn = mean(episodes.returns);
  return { meanReturn, meanLength: mean(episodes.lengths), meanCostPerStep: -meanReturn / nominalLength };
}

/** Deterministic draws for tests, uniform in (-1, 1). */
export function testDraws(seed: number): () => number {
  const [k0, k1] = streamKey(seed, Purpose.scratch);
  let time = 0;
  return () => 2 * uniform(k0, k1, time++, 0) - 1;
}

/** A gaussian policy, softplus hidden layers, without input scaling. */
export function gaussianPolicy(inputs: number, hidden: readonly number[], outputs: number): PolicySpec {
  return {
    network: {
      inputShape: [inputs],
      inputType: 'float32',
      inputScaling: null,
      layers: [
        ...hidden.map((units) => ({ kind: 'dense', units, activation: 'softplus' }) as const),
        { kind: 'dense', units: outputs, activation: 'linear' },
      ],
      stateIndependentOutputs: outputs,
    },
    distribution: { kind: 'gaussian', dimensions: outputs },
  };
}

/** The plain TypeScript engine with initial parameters set. */
export async function referenceEngine(spec: PolicySpec, seed = 0): Promise<ReferenceEngine> {
  const engine = new ReferenceEngine(spec.network);
  await engine.setTheta(initialPolicyParameters(spec, seed, { output: authors(1) }));
  return engine;
}

/** That engine with the policy's distribution. */
export async function referencePolicy(spec: PolicySpec, seed = 0): Promise<ActingPolicy> {
  return { engine: await referenceEngine(spec, seed), distribution: makeDistribution(spec.distribution) };
}

/**
 * Episodes whose length is drawn at the start, 1 … maxLength; state and observation are [path's draw, steps left]. The
 * reward is the action plus the steps left, so a sampler that mixes anything up is found out.
 */
export function countingEnv(maxLength: number, maxEpisodeSteps = maxLength): EnvFactory {
  return defineEnv<Float32Array>({
    id: 'counting',
    parameters: { maxLength },
    stateSize: 2,
    observation: 2,
    action: box([1], -1, 1),
    maxEpisodeSteps,
    secondsPerStep: 1,
    start(state, at, draw) {
      state[at] = draw(0);
      state[at + 1] = 1 + Math.floor(draw(1) * maxLength);
    },
    step({ state, actions, rewards, terminated }, first, end) {
      for (let slot = first; slot < end; slot++) {
        rewards[slot] = actions[slot] + state[2 * slot + 1];
        state[2 * slot + 1]--;
        if (state[2 * slot + 1] === 0) terminated[slot] = 1;
      }
    },
  });
}
