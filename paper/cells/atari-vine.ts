import type { Cell } from '../../src/index.js';

/** Games of the study: one that is solved or not, one that starves of differing rollouts, one that vine does best on. */
export const STUDY_GAMES = ['pong', 'breakout', 'qbert'] as const;
/** A run begins with a drawn policy, or with one that plays already (a folder a game below `START_FOLDER`). */
export const STUDY_STARTS = ['drawn', 'trained'] as const;
/** Policies to start from; relative to the repository, where the command is called. */
export const START_FOLDER = 'results/atari-vine/start';

export const STUDY_ITERATIONS = 40;

/** Simulator steps of an iteration, trunks included: Table 3. */
const STEPS = 400_000;

/** One setting of vine; the first of each list is today's preset. */
interface Variant {
  readonly estimator: (typeof ESTIMATORS)[number];
  /** Steps of a rollout; the number of states makes up for it. */
  readonly rolloutLength: number;
  readonly trunkSteps: number;
  readonly lineSearch: (typeof LINE_SEARCHES)[number];
}

/**
 * eq17: even first actions, Eq. 17. ratio: even first actions, plain importance weights. full-sum: all 18 actions of
 * fewer states, Eq. 16. policy: first actions from the policy, Eq. 17.
 */
export const ESTIMATORS = ['eq17', 'ratio', 'full-sum', 'policy'] as const;
export const ROLLOUT_LENGTHS = [100, 30, 200] as const;
export const TRUNK_STEPS = [64_000, 16_000, 128_000] as const;
/** halving: factor 0.5, limit δ. finer: factor 0.8. double: factor 0.5, accepts 2 δ and aims at δ (the authors' code). */
export const LINE_SEARCHES = ['halving', 'finer', 'double'] as const;

const TODAY: Variant = { estimator: 'eq17', rolloutLength: 100, trunkSteps: 64_000, lineSearch: 'halving' };

/** Rounds of the study, each on top of what the rounds before it chose. */
export const ROUNDS = [
  { name: 'estimators', key: 'estimator', values: ESTIMATORS },
  { name: 'rollouts', key: 'rolloutLength', values: ROLLOUT_LENGTHS },
  { name: 'trunks', key: 'trunkSteps', values: TRUNK_STEPS },
  { name: 'line-search', key: 'lineSearch', values: LINE_SEARCHES },
] as const;

const estimators: Readonly<Record<Variant['estimator'], readonly string[]>> = {
  eq17: ['sampling.firstActions=uniform', 'surrogate=self-normalized'],
  ratio: ['sampling.firstActions=uniform', 'surrogate=ratio'],
  'full-sum': ['sampling.firstActions=all', 'surrogate=full-sum'],
  policy: ['sampling.firstActions=policy', 'surrogate=self-normalized'],
};

const lineSearches: Readonly<Record<Variant['lineSearch'], readonly string[]>> = {
  halving: [],
  finer: ['trustRegion.lineSearch.factor=0.8'],
  double: ['trustRegion.lineSearch.klLimitMultiple=2', 'trustRegion.klTarget=1'],
};

/** Settings of a variant: as many states as make the simulator steps what they are. @param scale of all steps */
function settingsOf({ estimator, rolloutLength, trunkSteps, lineSearch }: Variant, scale: number): string[] {
  const actions = estimator === 'full-sum' ? 18 : 4;
  const states = Math.round((scale * (STEPS - trunkSteps)) / (actions * rolloutLength));
  return [
    ...estimators[estimator],
    `sampling.rolloutStates=${states}`,
    `sampling.rolloutLength=${rolloutLength}`,
    `sampling.trunkSteps=${Math.round(scale * trunkSteps)}`,
    ...lineSearches[lineSearch],
  ];
}

/** Games and starts that every value of a round is run on, in order. */
const TRIALS = STUDY_GAMES.flatMap((game) => STUDY_STARTS.map((start) => ({ game, start })));

/**
 * The value of a round that does best: by its mean rank over games and starts, ranked by final cost; today's first where
 * two are even.
 * @param costs [values][trials]
 */
export function bestValue(costs: readonly (readonly number[])[]): number {
  const ranks = costs.map((row, v) => {
    const perTrial = row.map(
      (cost, t) => costs.filter((other, o) => other[t] < cost || (other[t] === cost && o < v)).length,
    );
    return perTrial.reduce((a, b) => a + b, 0);
  });
  return ranks.indexOf(Math.min(...ranks));
}

/**
 * Cells of a round but for the value that the rounds before have run already, by value, then game and start. The round's
 * first value is what those ran with.
 */
function roundCells(round: number, scale: number): Cell[] {
  const { name, values } = ROUNDS[round];
  const fresh = round === 0 ? values : values.slice(1);
  const among = ROUNDS.slice(0, round).flatMap((_, r) => roundCells(r, scale));
  return fresh.flatMap((value, v) =>
    TRIALS.map(({ game, start }): Cell => {
      const from = start === 'trained' ? [`policy.from=${START_FOLDER}/${game}`] : [];
      const cell = {
        name: `${name}/${game}-${start}-${value}-seed1`,
        task: game,
        method: 'vine',
        seed: 1,
        iterations: STUDY_ITERATIONS,
      };
      const index = round === 0 ? v : v + 1;
      if (round === 0) return { ...cell, settings: [...settingsOf(withValue(TODAY, 0, index), scale), ...from] };
      const settings = (costs: readonly number[]) => settingsOf(withValue(chosenBy(costs, round), round, index), scale);
      return { ...cell, settings: from, choice: { among, settings } };
    }),
  );
}

function withValue(variant: Variant, round: number, index: number): Variant {
  const { key, values } = ROUNDS[round];
  return { ...variant, [key]: values[index] };
}

/** What the rounds before `round` chose. @param costs of their cells, in order */
export function chosenBy(costs: readonly number[], round: number): Variant {
  let chosen = TODAY;
  /** Costs of the choice so far, by trial: what a round's first value ran with. */
  let standing: readonly number[] = [];
  let at = 0;
  for (let r = 0; r < round; r++) {
    const { values } = ROUNDS[r];
    const rows: (readonly number[])[] = r === 0 ? [] : [standing];
    while (rows.length < values.length) {
      rows.push(costs.slice(at, at + TRIALS.length));
      at += TRIALS.length;
    }
    const best = bestValue(rows);
    standing = rows[best];
    chosen = withValue(chosen, r, best);
  }
  return chosen;
}

/** All cells of the study, round by round. @param scale of the simulator steps; 1 is the study */
export function atariVineCells(scale = 1): Cell[] {
  return ROUNDS.flatMap((_, round) => roundCells(round, scale));
}
