import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { budgetedIterations, type Cell, cellStatus, type ProgressRow, parseProgress } from '../../src/index.js';
import { type Bar, type ClaimResult, moments, say } from './claim.js';
import { lineSearchClaim } from './line-search.js';

/** Training runs made for claims: three seeds each. */
const SEEDS = [1, 2, 3];
const ITERATIONS = 30;

/** The swimmer's preset uses all samples; these claims are about a tenth. */
const TENTH = 'trustRegion.fisherEvery=10';

/** Small, noisy batches, in which a step can go wrong; and ten times the limit, at which the quadratic model is far off. */
const SMALL = 'sampling.steps=20000';
const LARGE = 'trustRegion.klLimit=0.1';
const WITHOUT = 'trustRegion.useLineSearch=false';

/** Settings of the runs, by `task-variant`. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  'swimmer-tenth': [TENTH],
  'swimmer-cg-1': [TENTH, 'trustRegion.conjugateGradientIterations=1'],
  'swimmer-cg-3': [TENTH, 'trustRegion.conjugateGradientIterations=3'],
  'swimmer-cg-30': [TENTH, 'trustRegion.conjugateGradientIterations=30'],
  'swimmer-all-data': ['trustRegion.fisherEvery=1'],
  'hopper-small-batch': [SMALL],
  'hopper-no-line-search': [SMALL, WITHOUT],
  'hopper-large-limit': [SMALL, LARGE],
  'hopper-large-limit-no-line-search': [SMALL, LARGE, WITHOUT],
  'walker-large-limit': [SMALL, LARGE],
  'walker-large-limit-no-line-search': [SMALL, LARGE, WITHOUT],
};

/** Cells of the claims that need training. */
export function claimCells(): Cell[] {
  return Object.entries(VARIANTS).flatMap(([variant, settings]) =>
    SEEDS.map((seed) => {
      const task = variant.slice(0, variant.indexOf('-'));
      const name = `cells/${variant}-seed${seed}`;
      return { name, task, method: 'single-path', seed, iterations: ITERATIONS, settings };
    }),
  );
}

export interface Outcome {
  readonly cost: number;
  readonly deviation: number;
  readonly rows: readonly (readonly ProgressRow[])[];
}

/** Final costs over seeds of a variant; null while a run is not done. */
function outcomeOf(out: string, variant: string, budget: number): Outcome | null {
  const cells = claimCells().filter(({ name }) => name.startsWith(`cells/${variant}-seed`));
  const statuses = cells.map((cell) => cellStatus(out, cell, budgetedIterations(cell, budget)));
  if (statuses.some(({ state }) => state !== 'done')) return null;
  const { mean, variance } = moments(statuses.map(({ finalCost }) => finalCost));
  return { cost: mean, deviation: Math.sqrt(variance), rows: cells.map((cell) => readRows(out, cell)) };
}

function readRows(out: string, cell: Cell): ProgressRow[] {
  const file = join(out, cell.name, 'progress.csv');
  return existsSync(file) ? parseProgress(readFileSync(file, 'utf8')) : [];
}

/** Judges the claims on CG iterations, subsampling and the line search from the runs below `out`. */
export function trainedClaims(out: string, budget: number): ClaimResult[] {
  const outcomes = Object.fromEntries(Object.keys(VARIANTS).map((v) => [v, outcomeOf(out, v, budget)]));
  return [conjugateGradientClaim(outcomes), subsampleClaim(outcomes), lineSearchClaim(outcomes)];
}

export type Outcomes = Readonly<Record<string, Outcome | null>>;

/** Costs that two sets of three runs may differ by without meaning anything: two standard errors, or 5 % of the cost. */
function margin(a: Outcome, b: Outcome): number {
  return Math.max((2 * Math.hypot(a.deviation, b.deviation)) / Math.sqrt(SEEDS.length), 0.05 * Math.abs(b.cost));
}

function conjugateGradientClaim(outcomes: Outcomes): ClaimResult {
  const shown = {
    1: outcomes['swimmer-cg-1'],
    3: outcomes['swimmer-cg-3'],
    10: outcomes['swimmer-tenth'],
    30: outcomes['swimmer-cg-30'],
  };
  const base = {
    id: 'conjugate-gradient-iterations',
    section: 'C.1',
    claim: 'Ten iterations of conjugate gradient suffice; more do not make learning faster.',
    quantity: 'final cost per step, swimmer',
    bars: bars(Object.entries(shown).map(([k, outcome]) => [`${k} iterations`, outcome])),
  };
  const [ten, thirty] = [shown[10], shown[30]];
  if (!ten || !thirty || !shown[1] || !shown[3]) return { ...base, ...OPEN };
  const listed = Object.entries(shown).map(([k, outcome]) => `${k}: ${say(outcome!.cost)}`);
  const supported = ten.cost <= thirty.cost + margin(ten, thirty);
  return {
    ...base,
    measured: `Swimmer, ${what()}: final cost by CG iterations ${listed.join(', ')}.`,
    ...judge(supported),
  };
}

function subsampleClaim(outcomes: Outcomes): ClaimResult {
  const [some, all] = [outcomes['swimmer-tenth'], outcomes['swimmer-all-data']];
  const base = {
    id: 'subsampled-fisher',
    section: 'C.1',
    claim: 'Computing the Fisher matrix on 10 % of the data does not degrade the step.',
    quantity: 'final cost per step, swimmer',
    bars: bars([
      ['10 % of the data', some],
      ['all data', all],
    ]),
  };
  if (!some || !all) return { ...base, ...OPEN };
  const measured = `Swimmer, ${what()}: final cost ${say(some.cost)} with 10 % of the data and ${say(all.cost)} with all.`;
  return { ...base, measured, ...judge(some.cost <= all.cost + margin(some, all)) };
}

const OPEN = { measured: 'The runs are not there yet.', verdict: 'open' as const };

function judge(supported: boolean): { verdict: ClaimResult['verdict'] } {
  return { verdict: supported ? 'supported' : 'not supported' };
}

function what(): string {
  return `${SEEDS.length} seeds`;
}

function bars(entries: readonly (readonly [string, Outcome | null | undefined])[]): Bar[] {
  return entries.flatMap(([label, outcome]) => (outcome ? [{ label, value: outcome.cost }] : []));
}
