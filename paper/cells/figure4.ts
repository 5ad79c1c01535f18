import { type Cell, runName } from '../../src/index.js';

/** Tasks in the order of the paper's panels. */
export const FIGURE4_TASKS = ['cartpole', 'swimmer', 'hopper', 'walker'] as const;
export type Figure4Task = (typeof FIGURE4_TASKS)[number];

/** Methods in the order of the paper's legends. */
export const FIGURE4_METHODS = [
  'vine',
  'vine/growing',
  'single-path',
  'single-path/growing',
  'natural-gradient',
  'max-kl',
  'empirical-fim',
  'cem',
  'cma-es',
  'rwr',
  'rwr/peters-schaal',
  'reps',
] as const;

/** Penalties of the natural gradient that the original swept, in factors of three. */
const PENALTIES = [3, 1, 0.3, 0.1, 0.03, 0.01] as const;
/** Share of the iterations that each penalty is tried for; the small tasks can afford all of them. */
const SWEEP_SHARE: Record<Figure4Task, number> = { cartpole: 1, swimmer: 1, hopper: 0.1, walker: 0.1 };
const ITERATIONS: Record<Figure4Task, number> = { cartpole: 50, swimmer: 50, hopper: 200, walker: 200 };

/**
 * The cells of Figure 4 in order of priority: all of cart-pole and swimmer; TRPO on hopper and walker; the natural
 * gradient there, its penalty chosen by a short sweep; the black-box methods; last and only when asked for, TRPO on the
 * hopper with horizons that grow, the other reward-weighted regression, and REPS (which has no curve in the paper).
 */
export function figure4Cells(): Cell[] {
  const small = (['cartpole', 'swimmer'] as const).flatMap((task) => [
    ...seeds(task, 'single-path', 5),
    ...seeds(task, 'vine', 5),
    ...naturalGradient(task),
    ...seeds(task, 'empirical-fim', 5),
    ...seeds(task, 'cem', 5),
    ...seeds(task, 'cma-es', 5),
    ...seeds(task, 'rwr', 5),
    ...(task === 'cartpole' ? seeds(task, 'max-kl', 5) : []),
  ]);
  const large = ['hopper', 'walker'] as const;
  // Seed by seed, so that an unfinished figure has every curve rather than a few with all seeds.
  const trpo = [1, 2, 3, 4, 5].flatMap((seed) =>
    large.flatMap((task) => [makeCell(task, 'single-path', seed), makeCell(task, 'vine', seed)]),
  );
  const blackBox = large.flatMap((task) => [...seeds(task, 'cem', 3), ...seeds(task, 'rwr', 3)]);
  const growing = ['vine/growing', 'single-path/growing'].flatMap((method) => seeds('hopper', method, 5));
  const reps = FIGURE4_TASKS.map((task) => makeCell(task, 'reps', 1));
  // Peters and Schaal's weights beside the original code's best tenth, where five seeds are cheap.
  const weighted = (['cartpole', 'swimmer'] as const).flatMap((task) => seeds(task, 'rwr/peters-schaal', 5));
  const asked = [...growing, ...weighted, ...reps].map((cell) => ({ ...cell, optional: true }));
  return [...small, ...trpo, ...large.flatMap(naturalGradient), ...blackBox, ...asked];
}

function makeCell(task: Figure4Task, method: string, seed: number): Cell {
  return { name: runName(task, method, seed), task, method, seed, iterations: ITERATIONS[task], settings: [] };
}

function seeds(task: Figure4Task, method: string, count: number): Cell[] {
  return Array.from({ length: count }, (_, i) => makeCell(task, method, i + 1));
}

/** Final costs this close to the best, as a share of it, count as equally good: a sweep has one seed. */
const AS_GOOD = 0.01;

/** The largest penalty (the most careful one) of those that did as well as the best. */
function choosePenalty(costs: readonly number[]): number {
  const best = Math.min(...costs);
  return PENALTIES[costs.findIndex((cost) => cost <= best + AS_GOOD * Math.abs(best))];
}

/** Five cells whose penalty is chosen by a sweep of one seed, by final cost. */
function naturalGradient(task: Figure4Task): Cell[] {
  const iterations = Math.round(ITERATIONS[task] * SWEEP_SHARE[task]);
  const among = PENALTIES.map((penalty): Cell => {
    const cell = makeCell(task, 'natural-gradient', 1);
    return { ...cell, name: `sweep/${task}-penalty${penalty}-seed1`, iterations, settings: [`penalty=${penalty}`] };
  });
  const settings = (costs: readonly number[]) => [`penalty=${choosePenalty(costs)}`];
  return seeds(task, 'natural-gradient', 5).map((cell) => ({ ...cell, choice: { among, settings } }));
}
