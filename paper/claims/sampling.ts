import {
  advantages,
  BranchRunner,
  discountedQ,
  importanceSampledSurrogate,
  Purpose,
  RolloutSet,
  SinglePathSampler,
  selfNormalizedSurrogate,
  streamKeys,
  VineSampler,
  vineAdvantages,
} from '../../src/index.js';
import { type Agent, withAgent } from './agent.js';
import { type ClaimContext, type ClaimResult, moments, say, scaled } from './claim.js';

const DISCOUNT = 0.99;
const LENGTH = 100;

/** Section 5.2: common random numbers reduce the variance of the differences of Q values in a state. */
export async function commonRandomNumbers(context: ClaimContext): Promise<ClaimResult> {
  const variances = await withAgent('hopper', { iterations: 3, steps: 20_000 }, context, async (agent) => {
    const states = scaled(150, context.budget, 10);
    return [await differenceVariance(agent, states, true), await differenceVariance(agent, states, false)] as const;
  });
  const ratio = variances[1] / variances[0];
  return {
    id: 'common-random-numbers',
    section: '5.2',
    claim: 'Common random numbers greatly reduce the variance of the Q-value differences between rollouts.',
    measured:
      `Hopper, two actions a state, rollouts of ${LENGTH} steps: the variance of Q(s, a) - Q(s, a') over repeated noise is ` +
      `${say(variances[0])} with common random numbers and ${say(variances[1])} without, ${say(ratio)} times as much.`,
    verdict: ratio > 1.2 ? 'supported' : 'not supported',
    quantity: 'variance of Q differences',
    bars: [
      { label: 'common noise', value: variances[0] },
      { label: 'own noise', value: variances[1] },
    ],
  };
}

/** Mean over states of the variance, over repetitions of all noise, of the difference between two fixed actions. */
async function differenceVariance(agent: Agent, states: number, commonNoise: boolean): Promise<number> {
  const { env, distribution } = agent;
  const steps = 20 * states;
  const set = new RolloutSet(states, steps, 1, 0);
  const sampler = new SinglePathSampler(env, agent, { steps, slots: 16, cutAtBudget: true });
  const request = { seed: 1, iteration: 0 };
  const { transitions } = await sampler.run({ ...request, onStates: (running) => set.offer(running) });
  const { rows, snapshot } = set.finish();
  const m = distribution.distParamSize;
  const parameters = new Float32Array(2 * states * m);
  rows.forEach((row, i) => {
    const given = transitions.distParams.subarray(row * m, (row + 1) * m);
    parameters.set(given, 2 * i * m);
    parameters.set(given, (2 * i + 1) * m);
  });
  sampler.close();
  const firstActions = distribution.makeActions(2 * states);
  const keys = streamKeys(1, Purpose.branchAction, 0, 0, 2 * states);
  distribution.sample(parameters, keys, new Int32Array(2 * states), firstActions, new Float32Array(2 * states));
  const runner = new BranchRunner(env, agent, states, 2);
  const differences = Array.from({ length: states }, () => [] as number[]);
  for (let iteration = 0; iteration < 8; iteration++) {
    const noise = { seed: 1, iteration, estimate: discountedQ(DISCOUNT), length: LENGTH, commonNoise };
    const { q } = await runner.run({ ...noise, states: snapshot, firstActions });
    differences.forEach((list, i) => void list.push(q[2 * i] - q[2 * i + 1]));
  }
  runner.close();
  return moments(differences.map((list) => moments(list).variance)).mean;
}

/** Section 5.2: at an equal number of Q values vine's estimate of the objective has much lower variance. */
export async function vineVariance(context: ClaimContext): Promise<ClaimResult> {
  const values = scaled(8000, context.budget, 800);
  const [single, vine] = await withAgent('swimmer', { iterations: 5, steps: 20_000 }, context, async (agent) => {
    return [
      noiseToSignal(await singlePathGradients(agent, values)),
      noiseToSignal(await vineGradients(agent, values)),
    ] as const;
  });
  return {
    id: 'vine-variance',
    section: '5.2',
    claim: 'Given the same number of Q-value samples, vine estimates the local objective with much lower variance.',
    measured:
      `Swimmer, ${values} Q values a batch, gradient of the surrogate over 8 batches: its noise (trace of the covariance) ` +
      `over the squared norm of its mean is ${say(single)} for single path and ${say(vine)} for vine.`,
    verdict: vine < single ? 'supported' : 'not supported',
    quantity: 'noise over signal of the gradient',
    logarithmic: true,
    bars: [
      { label: 'single path', value: single },
      { label: 'vine', value: vine },
    ],
  };
}

const BATCHES = 8;

async function singlePathGradients(agent: Agent, values: number): Promise<Float32Array[]> {
  const { env, engine, distribution, signal } = agent;
  const sampler = new SinglePathSampler(env, agent, { steps: values, slots: 16, cutAtBudget: true });
  const gradients: Float32Array[] = [];
  for (let iteration = 0; iteration < BATCHES; iteration++) {
    const batch = await sampler.sample({ seed: 3, iteration });
    const options = { discount: DISCOUNT, baseline: 'time', scaling: 'std' } as const;
    const objective = importanceSampledSurrogate(distribution, batch, advantages(batch, options));
    const data = await engine.load(batch.observations, batch.states);
    gradients.push(await engine.vjp(data, await objective.cotangents(batch.distParams, signal)));
    data.release();
  }
  sampler.close();
  return gradients;
}

async function vineGradients(agent: Agent, values: number): Promise<Float32Array[]> {
  const { env, engine, distribution, signal } = agent;
  const shape = { trunks: 16, trunkSteps: values, cutAtBudget: true, rolloutStates: values / 4, actionsPerState: 4 };
  const branching = { rolloutLength: 50, firstActions: 'policy', commonNoise: true } as const;
  const sampler = new VineSampler(env, agent, { ...shape, ...branching }, discountedQ(DISCOUNT));
  const gradients: Float32Array[] = [];
  for (let iteration = 0; iteration < BATCHES; iteration++) {
    const batch = await sampler.sample({ seed: 3, iteration });
    const options = { discount: DISCOUNT, center: true, scaling: 'state-std' } as const;
    const q = vineAdvantages(batch.q, batch.states, options);
    const objective = selfNormalizedSurrogate(distribution, batch, q);
    const data = await engine.load(batch.observations, batch.states);
    gradients.push(await engine.vjp(data, await objective.cotangents(batch.distParams, signal)));
    data.release();
  }
  sampler.close();
  return gradients;
}

/** Trace of the covariance over the squared norm of the mean, both unbiased. */
function noiseToSignal(gradients: readonly Float32Array[]): number {
  let noise = 0;
  let square = 0;
  for (let i = 0; i < gradients[0].length; i++) {
    const { mean, variance } = moments(gradients.map((gradient) => gradient[i]));
    noise += variance;
    square += mean ** 2;
  }
  return noise / Math.max(square - noise / gradients.length, 1e-12 * square);
}
