import type { Experiment } from './types.js';

// Table 2 of the paper, and the cart-pole of its Figure 4. γ = 0.99 and δ = 0.01 are the methods' defaults.

/** Options of the single-path methods: the same batches for all of them. */
function singlePathMethods(steps: number, slots: number): Experiment['methods'] {
  const sampling = { steps, slots };
  return {
    'single-path': { sampling },
    'natural-gradient': { sampling },
    'policy-gradient': { sampling },
  };
}

const cartpole: Experiment = {
  name: 'cartpole',
  summary: 'cart-pole, linear policy (6 parameters), 256K steps per iteration',
  track: '2015',
  environment: 'cartpole',
  policy: { hidden: [] },
  iterations: 50,
  methods: singlePathMethods(256_000, 256),
};

const swimmer: Experiment = {
  name: 'swimmer',
  summary: 'three-link swimmer, 30 hidden units (364 parameters), 50 paths of 1000 steps per iteration',
  track: '2015',
  environment: 'swimmer',
  policy: { hidden: [30], activation: 'softplus' },
  // Table 2 says 200, Figure 4 ends at 50.
  iterations: 50,
  methods: singlePathMethods(50_000, 50),
};

const hopper: Experiment = {
  name: 'hopper',
  summary: 'planar hopper, 50-50 hidden units (4806 parameters), 1M steps per iteration',
  track: '2015',
  environment: 'hopper',
  policy: { hidden: [50, 50], activation: 'softplus' },
  iterations: 200,
  methods: singlePathMethods(1_000_000, 256),
};

const walker: Experiment = {
  name: 'walker',
  summary: 'planar walker, 50-50 hidden units, 1M steps per iteration',
  track: '2015',
  environment: 'walker',
  policy: { hidden: [50, 50], activation: 'softplus' },
  iterations: 200,
  methods: singlePathMethods(1_000_000, 256),
};

/** The locomotion tasks of Table 2 and the cart-pole. */
export const locomotionExperiments: readonly Experiment[] = [cartpole, swimmer, hopper, walker];
