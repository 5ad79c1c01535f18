// What an iteration of single-path TRPO takes on many processes: its parts are measured here, on one thread, in processor
// time; messages are counted, and laid over a network of a given latency and bandwidth.
//   npx tsx scripts/measure-cluster.ts [experiment] [ranks…]      default: walker 64 1024
import { registerPaper } from '../paper/index.js';
import { getAlgorithm } from '../src/algorithms/index.js';
import type { SinglePathTrpoOptions } from '../src/algorithms/trpo.js';
import type { Communicator } from '../src/cluster/communicator.js';
import { Groups } from '../src/cluster/groups.js';
import { getEnv } from '../src/env/registry.js';
import { groupedAdvantages } from '../src/estimate/grouped-advantages.js';
import { createEngine } from '../src/network/engines/index.js';
import { importanceSampledSurrogate } from '../src/optimize/objectives.js';
import { trustRegionStep } from '../src/optimize/trust-region.js';
import { makeDistribution } from '../src/policy/distribution.js';
import { initialPolicyParameters } from '../src/policy/policy-layout.js';
import { SinglePathSampler } from '../src/rollout/paths.js';
import type { PathBatch } from '../src/rollout/types.js';
import { resolveConfig } from '../src/train/config.js';
import { experimentConfig, getExperiment } from '../src/train/experiments.js';
import { train } from '../src/train/train.js';
import { ranks } from '../test/helpers/ranks.js';

const LATENCY = 20e-6;
const BANDWIDTH = 10e9 / 8;
/** Groups whose sampling is measured; a rank has one. */
const GROUPS = 64;

registerPaper();
const [name = 'walker', ...given] = process.argv.slice(2);
const sizes = given.length > 0 ? given.map(Number) : [64, 1024];
const config = resolveConfig(experimentConfig(getExperiment(name), { method: 'single-path' }));
const options = config.options as unknown as SinglePathTrpoOptions;

const seconds = async <T>(body: () => Promise<T> | T): Promise<[T, number]> => {
  const before = process.cpuUsage();
  const result = await body();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1e6];
};

const env = getEnv(config.environment.id, config.environment.settings);
const policy = getAlgorithm('single-path').policySpec(env.spec, config.policy, config.options);
const engine = await createEngine(policy.network, 'native', { threads: 1 });
const distribution = makeDistribution(policy.distribution);
const theta = initialPolicyParameters(policy, 0);
await engine.setTheta(theta);
const P = engine.parameterCount;
const { steps, slots } = options.sampling;

// The parts of an iteration.
const times: number[] = [];
const parts: PathBatch[] = [];
const perGroup = { steps: Math.round(steps / GROUPS), slots: Math.max(1, Math.round(slots / GROUPS)) };
// The first ones are compiled on the way, and do not count.
for (let group = -4; group < GROUPS; group++) {
  const sampler = new SinglePathSampler(env, { engine, distribution }, perGroup, 1);
  const [batch, time] = await seconds(() => sampler.sample({ seed: 0, iteration: group + 4 }));
  if (group >= 0) times.push(time);
  if (group >= 0) parts.push(structuredClone(batch));
  sampler.close();
}
const episodes = parts.reduce((sum, part) => sum + part.episodes.count, 0);
const [first] = parts;
const one = { groups: new Groups(1), own: [first], whole: first, firstStates: [0] };
const estimate = () => groupedAdvantages(one, options.estimator, 0);
await estimate();
const [{ own, unit }, estimating] = await seconds(estimate);
const objective = importanceSampledSurrogate(distribution, first, own[0]);
const data = await engine.load(first.observations, first.states);
const problem = { engine, distribution, theta, data, old: first.distParams, objective, unit };
await trustRegionStep(problem, options.trustRegion);
const [, updating] = await seconds(() => trustRegionStep(problem, options.trustRegion));
data.release();
engine.close();

// What is said, counted on two ranks.
const counts = { allGather: 0, broadcast: 0, send: 0, bytes: 0 };
const note = (kind: 'allGather' | 'broadcast' | 'send', bytes: number) => {
  counts[kind]++;
  counts.bytes += bytes;
};
const counted = (inner: Communicator): Communicator => {
  if (inner.rank > 0) return inner;
  return {
    ...inner,
    allGather(bytes) {
      note('allGather', bytes.length);
      return inner.allGather(bytes);
    },
    broadcast(bytes, root) {
      note('broadcast', bytes.length);
      return inner.broadcast(bytes, root);
    },
    receive(length, rank) {
      note('send', length);
      return inner.receive(length, rank);
    },
  };
};
const small = {
  ...config,
  iterations: 1,
  options: { ...config.options, sampling: { steps: 4000, slots: 4, groups: 2 } },
};
const { platform: _, formatVersion: _version, ...input } = small;
const runs = ranks(2).map((one) => train(input as never, { env, communicator: counted(one), threads: 1 }));
await Promise.all(runs);

const max = Math.max(...times);
const mean = times.reduce((a, b) => a + b, 0) / GROUPS;
console.log(`${name}: ${P} parameters, ${perGroup.steps} steps of ${perGroup.slots} slots a rank`);
console.log(`sampling a group ${mean.toFixed(3)} s (longest ${max.toFixed(3)}), update ${updating.toFixed(3)} s`);
console.log(`advantages of a group ${estimating.toFixed(4)} s; ${episodes} episodes in ${GROUPS} groups`);
console.log(`an iteration on two ranks: ${JSON.stringify(counts)}`);
for (const size of sizes) {
  const hops = Math.ceil(Math.log2(size));
  const products = options.trustRegion.conjugateGradientIterations + 2;
  const vector = 8 * (P + 2);
  const message = (bytes: number) => LATENCY + bytes / BANDWIDTH;
  // Up the tree, the length and then the sum down it; gathered: twice as many hops, for lengths and contents.
  const sums = products * hops * (message(vector) + message(8) + message(vector));
  const gathered = (bytes: number) => 2 * hops * LATENCY + (size * bytes) / BANDWIDTH;
  // Episodes of a group: return, length, end; sums of returns at each time, like a vector of θ.
  const told = gathered((13 * episodes) / GROUPS + 200);
  const baseline = hops * (2 * message(16 * env.spec.maxEpisodeSteps) + message(8));
  const figures = 5 * gathered(64) + gathered(32) + 3 * hops * LATENCY;
  const talk = sums + told + baseline + figures;
  const iteration = max + estimating + updating + talk;
  const efficiency = (mean + estimating + updating) / iteration;
  console.log(
    `${size} ranks, ${Math.round((size * steps) / GROUPS)} steps an iteration: ${iteration.toFixed(3)} s, of it exchanges ` +
      `${(1000 * talk).toFixed(1)} ms, waiting for the longest ${(1000 * (max - mean)).toFixed(1)} ms: efficiency ${efficiency.toFixed(3)}`,
  );
}
