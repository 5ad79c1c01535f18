import type { EnvSettings } from '../../src/index.js';

/** Four frames an action, the pictures of the last four actions, 84 × 84. */
const stacked = { observation: 'mnih', actions: 'minimal', frameSkip: 4, noopSteps: 0 } as const;

/**
 * Settings with which games are played and seen as by the usual preprocessing. All say how many frames an action lasts, so the
 * name of a game may be any: `getEnv('PongNoFrameskip-v4', atariPresets.gymnasium)` without sticky actions,
 * `getEnv('ALE/Pong-v5', …)` with them.
 */
export const atariPresets = {
  /** Gymnasium's `AtariPreprocessing` and `FrameStackObservation(4)`, as they come: rewards and lives as in the game. */
  gymnasium: { ...stacked, noopMax: 30 },
  /**
   * That of DQN and its successors, the `NoFrameskip-v4` stack: fire to start, an episode a life, rewards by sign. An episode
   * always begins with a new game, where the original wrapper goes on with the lives that are left.
   */
  deepMind: { ...stacked, noopMax: 30, fireReset: true, endOnLifeLoss: true, clipRewards: true },
  /** ale-py's `AtariVectorEnv`: fire to start, rewards by sign, black pictures before the first. */
  vector: {
    ...stacked,
    noopMax: 30,
    fireReset: true,
    clipRewards: true,
    blackStart: true,
    maxFramesPerEpisode: 108_000,
  },
} as const satisfies Record<string, EnvSettings>;
