import { atariPresets } from '../envs/index.js';
import { type Cell, type Experiment, type PolicySettingsInput, runName } from '../src/index.js';

// The numbers of PPO are those of RL Baselines3 Zoo 2.9.2 for all Atari games (hyperparams/ppo.yml).

/** Decisions of a run on a game. */
export const GAME_STEPS = 3_000_000;

const STEPS = 1024;
const iterations = Math.ceil(GAME_STEPS / STEPS);
const learningRate = 2.5e-4;
const epsilon = 1e-5;
const fit = { epochs: 4, minibatchSize: 256, maxGradientNorm: 0.5 };

/** A value function on pictures of 84 × 84: the smaller network of Mnih et al. 2013, a third of the work of the policy's. */
const smaller = {
  convolutions: [
    { filters: 16, kernel: [8, 8], stride: [4, 4] },
    { filters: 32, kernel: [4, 4], stride: [2, 2] },
  ],
  hidden: [256],
  activation: 'relu',
} as const;

/** That of Mnih et al. 2015, as Stable-Baselines3 and CleanRL have it. */
const nature: PolicySettingsInput = {
  convolutions: [
    { filters: 32, kernel: [8, 8], stride: [4, 4] },
    { filters: 64, kernel: [4, 4], stride: [2, 2] },
    { filters: 64, kernel: [3, 3], stride: [1, 1] },
  ],
  hidden: [512],
  activation: 'relu',
  initialWeights: 'orthogonal',
};

/** The paper's, for pictures of 4 × 52 × 40. */
const paperNetwork: PolicySettingsInput = {
  convolutions: [
    { filters: 16, kernel: [4, 4], stride: [2, 2] },
    { filters: 16, kernel: [4, 4], stride: [2, 2] },
  ],
  hidden: [20],
  activation: 'tanh',
};

const ppo = {
  sampling: { steps: STEPS, slots: 8, continued: true },
  gae: { discount: 0.99, lambda: 0.95 },
  optimizer: { learningRate, epsilon },
  clip: 0.1,
  entropyBonus: 0.01,
  decay: { iterations, clip: true },
  ...fit,
};
const critic = { learningRate, epsilon, initialWeights: 'orthogonal', ...fit };

/** Pong as ALE v5 plays it, with sticky actions; by two networks. */
export const gameExperiments: readonly Experiment[] = [
  {
    name: 'pong-v5',
    summary: 'ALE/Pong-v5 from stacked pictures of 84 × 84, three million decisions by PPO',
    track: 'modern',
    environment: 'ALE/Pong-v5',
    environmentSettings: atariPresets.vector,
    policy: nature,
    iterations,
    simulatorSteps: GAME_STEPS,
    methods: {
      ppo: { ...ppo, critic: { ...critic, network: smaller } },
      // The paper's pictures and network, which the value function has, too.
      'ppo/paper-network': { ...ppo, critic, environment: { observation: 'paper' }, policy: paperNetwork },
    },
  },
];

/** One run of each. */
export function gameCells(): Cell[] {
  return gameExperiments.flatMap(({ name: task, methods }) =>
    Object.keys(methods).map((method) => {
      const limits = { iterations, simulatorSteps: GAME_STEPS };
      return { name: runName(task, method, 1), task, method, seed: 1, ...limits, settings: [] };
    }),
  );
}
