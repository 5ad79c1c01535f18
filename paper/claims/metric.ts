import { dot, negativeMeanKl, Purpose, SinglePathSampler, streamKey, throwIfAborted } from '../../src/index.js';
import { drawsOf } from '../theory/instances.js';
import { type Agent, withAgent } from './agent.js';
import { type ClaimContext, type ClaimResult, say, scaled } from './claim.js';

/** Appendix C.1: the generic Hessian-vector product of the KL divergence equals J^T M J y at the old parameters. */
export async function hessianVectorProduct(context: ClaimContext): Promise<ClaimResult> {
  const { cosine, error } = await withAgent('hopper', { iterations: 2, steps: 20_000 }, context, compareProducts);
  return {
    id: 'hessian-vector-product',
    section: 'C.1',
    claim: 'J^T M J y equals the Hessian of the KL divergence times y: the second term of Eq. 45 vanishes.',
    measured:
      `Hopper network, five random directions: the Hessian-vector product by central differences of the KL gradient and ` +
      `J^T M J y have a cosine of ${cosine.toFixed(6)} and differ by ${say(100 * error)} % at most.`,
    verdict: cosine > 0.9999 && error < 0.01 ? 'supported' : 'not supported',
    quantity: 'relative difference',
    bars: [{ label: 'largest of five directions', value: error }],
  };
}

async function compareProducts(agent: Agent) {
  const { env, engine, distribution, theta, signal } = agent;
  const sampler = new SinglePathSampler(env, agent, { steps: 2000, slots: 16, cutAtBudget: true });
  const batch = await sampler.sample({ seed: 2, iteration: 0 });
  const data = await engine.load(batch.observations, batch.states);
  const objective = negativeMeanKl(distribution, batch.distParams);
  const gradientAt = async (v: Float32Array, step: number) => {
    await engine.setTheta(theta.map((value, i) => value + step * v[i]));
    const gradient = await engine.vjp(data, await objective.cotangents(await engine.evaluate(data), signal));
    return gradient.map((value) => -value);
  };
  let cosine = 1;
  let error = 0;
  for (let k = 0; k < 5; k++) {
    const draws = drawsOf(streamKey(4, Purpose.scratch, k));
    const raw = Float32Array.from(theta, () => draws.normal());
    const v = raw.map((value) => value / Math.sqrt(dot(raw, raw)));
    // Truncation falls with the square of the step, rounding of single precision with its inverse.
    const step = 0.02;
    const [ahead, behind] = [await gradientAt(v, step), await gradientAt(v, -step)];
    const generic = ahead.map((value, i) => (value - behind[i]) / (2 * step));
    await engine.setTheta(theta);
    const product = await engine.fisherVectorProduct(data, v, distribution.metric(batch.distParams));
    const size = Math.sqrt(dot(product, product));
    const difference = generic.map((value, i) => value - product[i]);
    cosine = Math.min(cosine, dot(generic, product) / (size * Math.sqrt(dot(generic, generic))));
    error = Math.max(error, Math.sqrt(dot(difference, difference)) / size);
  }
  data.release();
  sampler.close();
  return { cosine, error };
}

/** Appendix C.1: with 10 % of the data, ten Fisher-vector products cost about as much as the gradient. */
export async function subsampledCost(context: ClaimContext): Promise<ClaimResult> {
  const steps = scaled(50_000, context.budget, 5000);
  const times = await withAgent('hopper', { iterations: 2, steps: 10_000 }, context, (agent) =>
    timeProducts(agent, steps),
  );
  const ratio = times.subsampled / times.gradient;
  const full = times.full / times.gradient;
  return {
    id: 'subsampled-cost',
    section: 'C.1',
    claim: 'On 10 % of the data all Fisher-vector products together cost about as much as the gradient.',
    measured:
      `Hopper network, ${steps} observations: ten products on every tenth observation take ${say(ratio)} times as long as ` +
      `the gradient of the surrogate (forward and backward), on all observations ${say(full)} times.`,
    verdict: ratio < 2.5 ? 'supported' : 'not supported',
    quantity: 'time over that of the gradient',
    bars: [
      { label: 'gradient', value: 1 },
      { label: '10 products, 10 % of the data', value: ratio },
      { label: '10 products, all data', value: full },
    ],
  };
}

/** Least of five timings of each, in milliseconds. */
async function timeProducts(agent: Agent, steps: number) {
  const { env, engine, distribution, theta, signal } = agent;
  const sampler = new SinglePathSampler(env, agent, { steps, slots: 64, cutAtBudget: true });
  const batch = await sampler.sample({ seed: 2, iteration: 0 });
  const data = await engine.load(batch.observations, batch.states);
  const cotangents = new Float32Array(batch.states * distribution.distParamSize).fill(1 / batch.states);
  const time = async (work: () => Promise<unknown>) => {
    let least = Infinity;
    for (let i = 0; i < 5; i++) {
      // New parameters, so that nothing kept from the run before is used again.
      await engine.setTheta(theta);
      await new Promise((resolve) => setImmediate(resolve));
      throwIfAborted(signal);
      const began = performance.now();
      await work();
      least = Math.min(least, performance.now() - began);
    }
    return least;
  };
  const metric = distribution.metric(batch.distParams);
  const products = (every: number) => async () => {
    const subset = data.subset(every);
    for (let k = 0; k < 10; k++) await engine.fisherVectorProduct(subset, theta, metric);
    subset.release();
  };
  const gradient = await time(() => engine.evaluate(data).then(() => engine.vjp(data, cotangents)));
  const result = { gradient, subsampled: await time(products(10)), full: await time(products(1)) };
  data.release();
  sampler.close();
  return result;
}
