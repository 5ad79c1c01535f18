import type { Cell } from '../../src/index.js';

/** Costs at the ends of Figure 4's axes, which the paper's best curves come near. */
export const AXIS_ENDS = { hopper: -2.5, walker: -3.5 } as const;
export type Robot = keyof typeof AXIS_ENDS;
export const ROBOTS: readonly Robot[] = ['hopper', 'walker'];

/** What single path ended at with today's settings in full length, mean of the seeds that move. */
const TODAY: Readonly<Record<Robot, { readonly settings: string; readonly fullLength: number }>> = {
  hopper: { settings: 'armature0.05-damping0.4-upright', fullLength: -2.51 },
  walker: { settings: 'armature0.02-damping0.3-impact1e-6', fullLength: -6 },
};

/** Armature (kg m²) and damping (N m s/rad); the first is the later models'. */
const JOINTS: Readonly<Record<Robot, readonly (readonly [number, number])[]>> = {
  hopper: [
    [1, 1],
    [0.3, 0.8],
    [0.1, 0.5],
    [0.05, 0.4],
    [0.02, 0.3],
    [0.01, 0.1],
  ],
  walker: [
    [1, 1],
    [0.3, 1],
    [0.1, 0.5],
    [0.05, 0.4],
    [0.02, 0.3],
    [0.01, 0.1],
  ],
};
const STARTS = ['upright', 'flight', 'flexed'] as const;
const IMPACTS = [1e-6, 3e-6, 1e-5, 3e-5] as const;

/** A cheap run: a thirtieth of Table 2's batch, and fewer iterations. */
export const CHEAP_ITERATIONS = 150;
const CHEAP = ['sampling.steps=30000', 'sampling.slots=30'];
/** The hopper leaves standing with a shorter horizon only (results/hopper-single-path-horizon): a cheap run has that. */
const CHEAP_HOPPER = [...CHEAP, 'estimator.discount=0.98'];

/** Settings that are tried in full length, the nearest first, and seeds of each. */
const CHOSEN = 3;
const SEEDS = 2;
const ITERATIONS = 200;

interface Candidate {
  /** Part of the cell's name. */
  readonly label: string;
  readonly settings: readonly string[];
}

/** Grid of a robot: all pairs with today's start or impact cost first, then the others. */
function candidates(robot: Robot): Candidate[] {
  const key = robot === 'hopper' ? 'start' : 'impactCost';
  const values: readonly (string | number)[] = robot === 'hopper' ? STARTS : IMPACTS;
  return values.flatMap((value) =>
    JOINTS[robot].map(([armature, damping]) => ({
      label: `armature${armature}-damping${damping}-${typeof value === 'string' ? value : `impact${value.toExponential()}`}`,
      settings: [`environment.armature=${armature}`, `environment.damping=${damping}`, `environment.${key}=${value}`],
    })),
  );
}

function cell(
  name: string,
  task: Robot,
  iterations: number,
  settings: readonly string[],
  method = 'single-path',
): Cell {
  const seed = Number(/seed(\d+)$/.exec(name)?.[1]);
  return { name, task, method, seed, iterations, settings };
}

/** Cheap runs of a robot's whole grid, one seed each. */
export function firstStage(robot: Robot): Cell[] {
  const cheap = robot === 'hopper' ? CHEAP_HOPPER : CHEAP;
  return candidates(robot).map(({ label, settings }) =>
    cell(`first/${robot}-${label}-seed1`, robot, CHEAP_ITERATIONS, [...cheap, ...settings]),
  );
}

/**
 * What a setting would end at in full length, guessed from its cheap run: speed (the cost beyond the -1 of standing) in the
 * proportion of today's settings, whose cheap and full runs are both known. Where today's cheap run does not move, costs
 * are taken as they are.
 */
export function predictedCosts(robot: Robot, costs: readonly number[]): number[] {
  const today = costs[candidates(robot).findIndex(({ label }) => label === TODAY[robot].settings)];
  const gain = today < -1.05 ? (TODAY[robot].fullLength + 1) / (today + 1) : 1;
  return costs.map((cost) => -1 + gain * (cost + 1));
}

/** Indices of the grid by distance of the predicted cost from the axis' end, the nearest first. */
export function nearest(robot: Robot, costs: readonly number[]): number[] {
  const distance = predictedCosts(robot, costs).map((cost) => Math.abs(cost - AXIS_ENDS[robot]));
  return costs.map((_, i) => i).sort((a, b) => distance[a] - distance[b] || a - b);
}

/** The nearest settings in full length with Table 2's batch, seed by seed. */
export function secondStage(robot: Robot): Cell[] {
  const among = firstStage(robot);
  return Array.from({ length: SEEDS }, (_, s) =>
    Array.from({ length: CHOSEN }, (_, rank): Cell => {
      const settings = (costs: readonly number[]) => candidates(robot)[nearest(robot, costs)[rank]].settings;
      const name = `second/${robot}-choice${rank + 1}-seed${s + 1}`;
      return { ...cell(name, robot, ITERATIONS, []), choice: { among, settings } };
    }),
  ).flat();
}

/** Penalties of the natural gradient: as Figure 4's, and for advantages in the rewards' own unit. */
const PENALTIES = [3, 1, 0.3, 0.1, 0.03, 0.01] as const;
const UNSCALED_PENALTIES = [300, 100, 30, 10, 3, 1] as const;

/**
 * Small trials beside the calibration, on today's settings (the first stage's runs of the same are what they are compared
 * with): a smaller foot, a larger δ, Table 2's numbers of paths taken literally (a hundredth of them). The hopper's other
 * starts are in the grid.
 */
export function hypotheses(): Cell[] {
  const paths = (count: number) => [`sampling.paths=${count}`, `sampling.slots=${count}`];
  return [
    cell('hypotheses/hopper-half-foot-seed1', 'hopper', CHEAP_ITERATIONS, [...CHEAP_HOPPER, 'environment.foot=0.5']),
    cell('hypotheses/walker-kl0.1-seed1', 'walker', CHEAP_ITERATIONS, [...CHEAP, 'trustRegion.klLimit=0.1']),
    cell('hypotheses/hopper-10-paths-seed1', 'hopper', CHEAP_ITERATIONS, [
      'sampling.steps=10000',
      ...paths(10),
      'estimator.discount=0.98',
    ]),
    cell('hypotheses/walker-100-paths-seed1', 'walker', CHEAP_ITERATIONS, ['sampling.steps=100000', ...paths(100)]),
  ];
}

/** The natural gradient's penalty swept over all 200 iterations (cheap batches), with and without scaled advantages. */
export function penaltySweeps(): Cell[] {
  const sweep = (robot: Robot, scaling: string, penalties: readonly number[]) =>
    penalties.map((penalty) => {
      const name = `hypotheses/${robot}-natural-gradient-${scaling}-penalty${penalty}-seed1`;
      const settings = [...CHEAP, `estimator.scaling=${scaling}`, `penalty=${penalty}`];
      return cell(name, robot, ITERATIONS, settings, 'natural-gradient');
    });
  return ROBOTS.flatMap((robot) => [...sweep(robot, 'std', PENALTIES), ...sweep(robot, 'none', UNSCALED_PENALTIES)]);
}

/** All cells in order: the cheap grid of both robots, the small trials, the full-length runs, the sweeps. */
export function calibrationCells(): Cell[] {
  return [...ROBOTS.flatMap(firstStage), ...hypotheses(), ...ROBOTS.flatMap(secondStage), ...penaltySweeps()];
}
