import type { Experiment } from '../../src/index.js';

// Table 2 of the paper, and the cart-pole of its Figure 4. γ = 0.99 and δ = 0.01 are the methods' defaults.

interface Sizes {
  /** Steps of a batch of whole paths */
  readonly steps: number;
  /** Paths in progress at the same time */
  readonly slots: number;
  /** Candidates per iteration of CEM and CMA-ES: as many episodes of nominal length as the batch has */
  readonly population: number;
  /** The original code's CEM noise: its first "std" (a variance), extra std, and iterations until that is gone */
  readonly cemNoise: { readonly initialVariance: number; readonly extraStd: number; readonly extraDecay: number };
  /** Fisher products use every k-th sample: all where that is cheap, as the original code */
  readonly fisherEvery: number;
}

/** Methods on batches of whole paths (the same batches for all of them) and black-box methods of the same budget. */
function comparisonMethods({ steps, slots, population, cemNoise, fisherEvery }: Sizes): Experiment['methods'] {
  const sampling = { steps, slots };
  return {
    'single-path': { sampling, trustRegion: { fisherEvery } },
    'natural-gradient': { sampling, metric: { fisherEvery } },
    'policy-gradient': { sampling },
    'empirical-fim': { sampling, trustRegion: { fisherEvery } },
    // The best tenth of the paths, as the original code; below, weights as Peters and Schaal's.
    rwr: { sampling },
    'rwr/peters-schaal': { sampling, weighting: 'adaptive' },
    reps: { sampling },
    cem: { population, ...cemNoise },
  };
}

/**
 * Vine with Table 2's 16 trunks of 1000 steps and 4 actions per state. Its "Q-values per batch" can be read as states or
 * as states times actions; `vine` is the reading that fits the table's simulation steps per iteration.
 */
function vineMethods(qValues: number, rolloutLength: number, reading: 'per-state' | 'per-action') {
  const sampling = { trunks: 16, trunkSteps: 16_000, actionsPerState: 4, rolloutLength };
  const readings = {
    'per-state': { sampling: { ...sampling, rolloutStates: qValues } },
    'per-action': { sampling: { ...sampling, rolloutStates: qValues / 4 } },
  };
  return {
    vine: readings[reading],
    'vine/q-per-state': readings['per-state'],
    'vine/q-per-action': readings['per-action'],
  };
}

const cartpole: Experiment = {
  name: 'cartpole',
  summary: 'cart-pole, linear policy (6 parameters), 256K steps per iteration',
  track: '2015',
  environment: 'cartpole',
  policy: { hidden: [] },
  iterations: 50,
  methods: {
    ...comparisonMethods({
      steps: 256_000,
      slots: 256,
      population: 256,
      cemNoise: { initialVariance: 0.1, extraStd: 0.1, extraDecay: 20 },
      fisherEvery: 1,
    }),
    // Not in Table 2: the original code's sizes.
    vine: {
      sampling: { trunks: 32, trunkSteps: 32_000, rolloutStates: 200, actionsPerState: 4, rolloutLength: 100 },
    },
    'cma-es': { population: 256 },
    'max-kl': { sampling: { steps: 256_000, slots: 256 } },
  },
};

const swimmer: Experiment = {
  name: 'swimmer',
  summary: 'three-link swimmer, 30 hidden units (364 parameters), 50 paths of 1000 steps per iteration',
  track: '2015',
  environment: 'swimmer',
  policy: { hidden: [30], activation: 'softplus' },
  // Table 2 says 200, Figure 4 ends at 50.
  iterations: 50,
  methods: {
    ...comparisonMethods({
      steps: 50_000,
      slots: 50,
      population: 50,
      cemNoise: { initialVariance: 0.1, extraStd: 0.1, extraDecay: 20 },
      fisherEvery: 1,
    }),
    ...vineMethods(500, 50, 'per-action'),
    'cma-es': { population: 50 },
  },
};

const robot: Sizes = {
  steps: 1_000_000,
  slots: 256,
  population: 1000,
  cemNoise: { initialVariance: 0.01, extraStd: 0.01, extraDecay: 50 },
  fisherEvery: 10,
};

const hopper: Experiment = {
  name: 'hopper',
  summary: 'planar hopper, 50-50 hidden units (4806 parameters), 1M steps per iteration',
  track: '2015',
  environment: 'hopper',
  policy: { hidden: [50, 50], activation: 'softplus' },
  iterations: 200,
  methods: {
    ...comparisonMethods(robot),
    ...vineMethods(2500, 100, 'per-state'),
    // Table 2's once the hopper hops; before, a shorter horizon, in which a fall does not outweigh every try to move.
    'single-path/growing': {
      sampling: { steps: robot.steps, slots: robot.slots },
      estimator: { discount: 0.98, growth: { discount: 0.99, from: 60, to: 100 } },
      trustRegion: { fisherEvery: robot.fisherEvery },
    },
    // Table 2's until the hopper hops; then longer rollouts, in which a fall counts for what it costs.
    'vine/growing': {
      sampling: {
        trunks: 16,
        trunkSteps: 16_000,
        rolloutStates: 2500,
        actionsPerState: 4,
        rolloutLength: 100,
        growth: { length: 200, from: 100, to: 150 },
      },
    },
  },
};

const walker: Experiment = {
  name: 'walker',
  summary: 'planar walker, 50-50 hidden units, 1M steps per iteration',
  track: '2015',
  environment: 'walker',
  policy: { hidden: [50, 50], activation: 'softplus' },
  iterations: 200,
  methods: { ...comparisonMethods(robot), ...vineMethods(2500, 100, 'per-state') },
};

/** The locomotion tasks of Table 2 and the cart-pole. */
export const locomotionExperiments: readonly Experiment[] = [cartpole, swimmer, hopper, walker];
