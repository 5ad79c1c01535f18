import type { Cell } from '../../src/index.js';

/** The paper's seven games in the order of Table 1 and Figure 5. */
export const ATARI_GAMES = ['beam-rider', 'breakout', 'enduro', 'pong', 'qbert', 'seaquest', 'space-invaders'] as const;
export type AtariTask = (typeof ATARI_GAMES)[number];

/** Methods of Table 1. */
export const ATARI_METHODS = ['single-path', 'vine'] as const;

/** Iterations of every game in the paper. */
const ITERATIONS = 500;

/**
 * The cells of Figure 5 and Table 1 in order of priority: Pong, then Breakout, then the other games; single path before
 * vine, whose iterations cost four times the steps. One run each, as in the paper.
 */
export function atariCells(): Cell[] {
  const order: readonly AtariTask[] = [
    'pong',
    'breakout',
    ...ATARI_GAMES.filter((g) => g !== 'pong' && g !== 'breakout'),
  ];
  return ATARI_METHODS.flatMap((method) =>
    order.map(
      (task): Cell => ({
        name: `${task}-${method}-seed1`,
        task,
        method,
        seed: 1,
        iterations: ITERATIONS,
        settings: [],
      }),
    ),
  );
}
