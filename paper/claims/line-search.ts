import type { ProgressRow } from '../../src/index.js';
import { type Bar, type ClaimResult, say } from './claim.js';

/** Runs with the line search and without it, on the same settings. */
const PAIRS = [
  { name: 'hopper', limit: 0.01, with: 'hopper-small-batch', without: 'hopper-no-line-search' },
  { name: 'hopper', limit: 0.1, with: 'hopper-large-limit', without: 'hopper-large-limit-no-line-search' },
  { name: 'walker', limit: 0.1, with: 'walker-large-limit', without: 'walker-large-limit-no-line-search' },
] as const;

/** A full step is beyond the trust region from this multiple of δ on. */
const BEYOND = 1.5;
/** Harm: the cost rises by so many times the largest rise of the runs with the line search. */
const HARM = 2;

interface Runs {
  readonly cost: number;
  readonly rows: readonly (readonly ProgressRow[])[];
}

/**
 * The rule, fixed before the runs: supported if on some settings the cost rises, right after a step whose mean KL is above
 * 1.5 δ, by more than twice what it ever rises by with the line search. A rise after any other step says nothing about what
 * the line search prevents.
 */
export function lineSearchClaim(outcomes: Readonly<Record<string, Runs | null>>): ClaimResult {
  const pairs = PAIRS.map((pair) => ({ ...pair, on: outcomes[pair.with], off: outcomes[pair.without] }));
  const base = {
    id: 'line-search',
    section: 'C',
    claim: 'Without the line search the algorithm occasionally takes large steps that degrade the policy badly.',
    quantity: 'largest mean KL of a step over the limit',
    bars: pairs.flatMap(({ name, limit, on, off }): Bar[] => [
      ...(off ? [{ label: `${name}, δ = ${limit}: without`, value: largestKl(off) / limit }] : []),
      ...(on ? [{ label: `${name}, δ = ${limit}: with`, value: largestKl(on) / limit }] : []),
    ]),
  };
  const there = pairs.flatMap(({ on, off, ...pair }) => (on && off ? [{ ...pair, on, off }] : []));
  if (there.length === 0) return { ...base, measured: 'The runs are not there yet.', verdict: 'open' };
  const judged = there.map(({ name, limit, on, off }) => {
    const beyond = risesBeyond(off, limit);
    const usual = Math.max(...changes(on));
    const most = Math.max(...beyond);
    const after = beyond.length === 0 ? '' : `, the largest rise of the cost after one ${say(most)}`;
    const text =
      `${name} at δ = ${limit}: largest mean KL of a full step ${say(largestKl(off))} (with it ${say(largestKl(on))}), ` +
      `${beyond.length} steps beyond ${BEYOND} δ${after} (largest rise with it ${say(usual)}), final cost ` +
      `${say(off.cost)} (${say(on.cost)})`;
    return { text, harmed: beyond.length > 0 && most > HARM * usual };
  });
  const supported = judged.some(({ harmed }) => harmed);
  const missing = pairs.filter(({ on, off }) => !(on && off)).map(({ name, limit }) => `${name} at δ = ${limit}`);
  const rest = missing.length === 0 ? '' : ` Not done yet: ${missing.join(', ')}.`;
  const texts = judged.map(({ text }) => text).join('; ');
  return {
    ...base,
    measured: `Batches of 20,000 steps, 3 seeds, without the line search. ${texts}.${rest}`,
    // One kind of run that shows it is enough; that none does takes all of them.
    verdict: supported ? 'supported' : missing.length > 0 ? 'open' : 'not supported',
  };
}

function largestKl({ rows }: Runs): number {
  return Math.max(...rows.flat().map((row) => row.mean_kl));
}

/** Changes of the cost from each iteration to the next. */
function changes({ rows }: Runs): number[] {
  return rows.flatMap((run) => run.slice(1).map((row, i) => row.mean_cost_per_step - run[i].mean_cost_per_step));
}

/** Those after a step beyond the trust region. */
function risesBeyond({ rows }: Runs, limit: number): number[] {
  return rows.flatMap((run) =>
    run.slice(1).flatMap((row, i) => {
      return run[i].mean_kl > BEYOND * limit ? [row.mean_cost_per_step - run[i].mean_cost_per_step] : [];
    }),
  );
}
