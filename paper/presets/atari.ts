import type { Experiment } from '../../src/index.js';

// Table 3 of the paper: 100K steps per iteration (single path), 400K simulator steps (vine), 500 iterations, and the
// network of 33,500 parameters.

const games: readonly (readonly [name: string, title: string])[] = [
  ['beam-rider', 'Beam Rider'],
  ['breakout', 'Breakout'],
  ['enduro', 'Enduro'],
  ['pong', 'Pong'],
  ['qbert', 'Q*bert'],
  ['seaquest', 'Seaquest'],
  ['space-invaders', 'Space Invaders'],
];

/** Paths in progress at the same time: few, since paths are long and every begun path is finished. */
const SLOTS = 16;

/**
 * What the paper leaves open about vine on Atari, chosen to make 400K simulator steps: 64K trunk steps and 840 states
 * with 4 evenly drawn actions, followed for 100 steps.
 */
const vine = {
  trunks: SLOTS,
  trunkSteps: 64_000,
  rolloutStates: 840,
  actionsPerState: 4,
  rolloutLength: 100,
  firstActions: 'uniform',
} as const;

function atari(name: string, title: string): Experiment {
  return {
    name,
    summary: `${title} from pixels, convolutional network (33,500 parameters), 100K steps per iteration`,
    track: '2015',
    environment: name,
    policy: {
      convolutions: [
        { filters: 16, kernel: [4, 4], stride: [2, 2] },
        { filters: 16, kernel: [4, 4], stride: [2, 2] },
      ],
      hidden: [20],
      activation: 'tanh',
    },
    iterations: 500,
    methods: {
      'single-path': { sampling: { steps: 100_000, slots: SLOTS } },
      vine: { sampling: vine },
      // All 18 actions of fewer states: Eq. 16 instead of Eq. 17, for as many simulator steps.
      'vine/full-sum': {
        sampling: { ...vine, rolloutStates: 187, firstActions: 'all' },
        surrogate: 'full-sum',
      },
    },
  };
}

/** The seven games of Table 3. */
export const atariExperiments: readonly Experiment[] = games.map(([name, title]) => atari(name, title));
