import type { Experiment, PolicySettingsInput } from '../src/index.js';
import { zooEnvironment } from './environments.js';

// The numbers are those of RL Baselines3 Zoo 2.9.2 (hyperparams/ppo.yml and trpo.yml), so that both libraries do the same
// thing: batches of so many steps, in which episodes go on from one to the next.

/** Steps of a run. */
export const ZOO_STEPS = 1_000_000;

interface Ppo {
  readonly steps?: number;
  readonly slots?: number;
  readonly minibatchSize?: number;
  readonly discount?: number;
  readonly lambda?: number;
  readonly learningRate?: number;
  readonly entropyBonus?: number;
  readonly clip?: number;
  readonly epochs?: number;
  readonly maxGradientNorm?: number;
  readonly policy?: PolicySettingsInput;
}

/** Narrow noise and a wide network: most of the zoo's tuned tasks. */
const wide: PolicySettingsInput = {
  hidden: [256, 256],
  activation: 'relu',
  initialWeights: 'uniform',
  initialStd: Math.exp(-2),
};
/** Stable-Baselines3's own. */
const narrow: PolicySettingsInput = {
  hidden: [64, 64],
  activation: 'tanh',
  initialWeights: 'orthogonal',
  initialStd: 1,
};
/** Stable-Baselines3's Adam. */
const epsilon = 1e-5;

function ppo({ policy = narrow, steps = 2048, slots = 1, learningRate = 3e-4, ...given }: Ppo) {
  const { discount = 0.99, lambda = 0.95, epochs = 10, minibatchSize = 64, maxGradientNorm = 0.5 } = given;
  const { clip = 0.2, entropyBonus = 0 } = given;
  const fit = { epochs, minibatchSize, maxGradientNorm };
  return {
    policy,
    environment: { discount },
    sampling: { steps, slots, continued: true },
    gae: { discount, lambda },
    optimizer: { learningRate, epsilon },
    critic: { learningRate, epsilon, initialWeights: policy.initialWeights, ...fit },
    clip,
    entropyBonus,
    ...fit,
  };
}

interface Trpo {
  readonly discount?: number;
  readonly klLimit?: number;
}

/**
 * sb3-contrib's KL divergence is the mean over an action's numbers; here it is that of the whole action, so that limit and
 * damping are that many times larger for the same step.
 */
function trpo(actions: number, { discount = 0.99, klLimit = 0.01 }: Trpo = {}) {
  return {
    policy: narrow,
    environment: { discount },
    sampling: { steps: 2048, slots: 2, continued: true },
    gae: { discount, lambda: 0.95 },
    trustRegion: {
      klLimit: actions * klLimit,
      klTarget: 1,
      damping: actions * 0.1,
      conjugateGradientIterations: 25,
      // Any improvement is enough.
      lineSearch: { factor: 0.8, ratioTest: false },
    },
    critic: { learningRate: 1e-3, epsilon, initialWeights: 'orthogonal', epochs: 20, minibatchSize: 128 },
  };
}

interface Task {
  readonly id: string;
  /** Numbers of an action */
  readonly actions: number;
  readonly ppo: Ppo;
  readonly trpo?: Trpo;
}

const tasks: readonly Task[] = [
  {
    id: 'Hopper-v5',
    actions: 3,
    ppo: {
      policy: wide,
      steps: 512,
      minibatchSize: 32,
      discount: 0.999,
      lambda: 0.99,
      learningRate: 9.80828e-5,
      entropyBonus: 0.00229519,
      clip: 0.2,
      epochs: 5,
      maxGradientNorm: 0.7,
    },
  },
  {
    id: 'Walker2d-v5',
    actions: 6,
    ppo: {
      policy: wide,
      steps: 512,
      minibatchSize: 32,
      discount: 0.99,
      lambda: 0.95,
      learningRate: 5.05041e-5,
      entropyBonus: 0.000585045,
      clip: 0.1,
      epochs: 20,
      maxGradientNorm: 1,
    },
  },
  {
    id: 'HalfCheetah-v5',
    actions: 6,
    ppo: {
      policy: wide,
      steps: 512,
      minibatchSize: 64,
      discount: 0.98,
      lambda: 0.92,
      learningRate: 2.0633e-5,
      entropyBonus: 0.000401762,
      clip: 0.1,
      epochs: 20,
      maxGradientNorm: 0.8,
    },
    trpo: { klLimit: 0.04 },
  },
  {
    id: 'Swimmer-v5',
    actions: 2,
    ppo: { steps: 4096, slots: 4, minibatchSize: 256, discount: 0.9999, lambda: 0.98, learningRate: 6e-4 },
    trpo: { discount: 0.9999 },
  },
  { id: 'Ant-v5', actions: 8, ppo: {} },
  {
    id: 'Humanoid-v5',
    actions: 17,
    ppo: {
      policy: wide,
      steps: 512,
      minibatchSize: 256,
      discount: 0.95,
      lambda: 0.9,
      learningRate: 3.56987e-5,
      entropyBonus: 0.00238306,
      clip: 0.3,
      epochs: 5,
      maxGradientNorm: 2,
    },
  },
  {
    id: 'Reacher-v5',
    actions: 2,
    ppo: {
      steps: 512,
      minibatchSize: 32,
      discount: 0.9,
      lambda: 1,
      learningRate: 1.04019e-4,
      entropyBonus: 7.52585e-8,
      clip: 0.3,
      epochs: 5,
      maxGradientNorm: 0.9,
    },
  },
  {
    id: 'InvertedDoublePendulum-v5',
    actions: 1,
    ppo: {
      steps: 128,
      minibatchSize: 512,
      discount: 0.98,
      lambda: 0.8,
      learningRate: 1.55454e-4,
      entropyBonus: 1.05057e-6,
      clip: 0.4,
      epochs: 10,
    },
  },
];

/** Ids of the tasks that there are recipes for, those of the main table first. */
export const ZOO_IDS: readonly string[] = tasks.map(({ id }) => id);

/** One experiment a task, with a recipe for each method: `trellis train hopper-v5 --method trpo-gae`. */
export const zooExperiments: readonly Experiment[] = tasks.map(
  ({ id, actions, ppo: ppoNumbers, trpo: trpoNumbers }) => ({
    name: id.toLowerCase(),
    summary: `Gymnasium's ${id}, normalised, a million steps by PPO or TRPO with generalized advantages`,
    track: 'modern',
    environment: zooEnvironment(id),
    policy: {},
    // No batch is smaller than this: the steps end a run.
    iterations: ZOO_STEPS / 100,
    simulatorSteps: ZOO_STEPS,
    methods: { ppo: ppo(ppoNumbers), 'trpo-gae': trpo(actions, trpoNumbers) },
  }),
);
