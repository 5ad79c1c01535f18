import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { budgetedIterations, cellStatus, parseProgress } from '../../src/index.js';
import { figure4Cells } from '../cells/figure4.js';
import { type Bar, type ClaimResult, moments, say } from './claim.js';

/** Cost of an untrained policy and of the best one hoped for: the scale on which tasks are compared. */
const SCALE: Readonly<Record<string, readonly [number, number]>> = {
  cartpole: [-0.15, -10],
  swimmer: [0.01, -0.15],
  hopper: [-0.1, -2.8],
};

/** Mean over the seeds that are done of the final cost, and of the mean cost over all iterations. */
interface Figure4Cost {
  readonly final: number;
  readonly whole: number;
  readonly seeds: number;
}

/** Judges the claims that Figure 4 itself answers, from its run directories. */
export function comparedClaims(figure4: string, budget: number): ClaimResult[] {
  const cost = (task: string, method: string) => costOf(figure4, task, method, budget);
  return [empiricalFim(cost), maximumKl(cost), naturalGradient(cost), blackBox(cost)];
}

type Lookup = (task: string, method: string) => Figure4Cost | null;

function costOf(out: string, task: string, method: string, budget: number): Figure4Cost | null {
  const cells = figure4Cells().filter((cell) => cell.task === task && cell.method === method);
  const done = cells.filter((cell) => cellStatus(out, cell, budgetedIterations(cell, budget)).state === 'done');
  if (done.length === 0) return null;
  const finals = done.map((cell) => cellStatus(out, cell, budgetedIterations(cell, budget)).finalCost);
  const wholes = done.flatMap((cell) => {
    const file = join(out, cell.name, 'progress.csv');
    return existsSync(file) ? parseProgress(readFileSync(file, 'utf8')).map((row) => row.mean_cost_per_step) : [];
  });
  return { final: moments(finals).mean, whole: moments(wholes).mean, seeds: done.length };
}

const OPEN = { measured: 'The runs of Figure 4 are not there yet.', verdict: 'open' as const };
/** Shares of the way to the best cost that count as the same. */
const ALIKE = 0.15;
const judge = (supported: boolean) => ({ verdict: supported ? ('supported' as const) : ('not supported' as const) });

/** Share of the way from an untrained to the best policy. */
function progress(task: string, cost: number): number {
  const [untrained, best] = SCALE[task]!;
  return (cost - untrained) / (best - untrained);
}

function empiricalFim(cost: Lookup): ClaimResult {
  const pairs = ['cartpole', 'swimmer'].map(
    (task) => [task, cost(task, 'single-path'), cost(task, 'empirical-fim')] as const,
  );
  const base = {
    id: 'empirical-fim',
    section: '6, 8.1',
    claim: 'The analytic estimate of the Fisher matrix and the empirical one improve the policy at a similar rate.',
    quantity: 'final cost over the best hoped for',
    bars: pairs.flatMap(([task, analytic, empirical]): Bar[] => [
      ...(analytic ? [{ label: `${task}: analytic`, value: progress(task, analytic.final) }] : []),
      ...(empirical ? [{ label: `${task}: empirical`, value: progress(task, empirical.final) }] : []),
    ]),
  };
  if (!pairs.every(([, a, b]) => a && b)) return { ...base, ...OPEN };
  const listed = pairs.map(([task, a, b]) => `${task} ${say(a!.final)} (analytic), ${say(b!.final)} (empirical)`);
  const close = pairs.every(([task, a, b]) => Math.abs(progress(task, a!.final) - progress(task, b!.final)) < ALIKE);
  return { ...base, measured: `Final costs: ${listed.join('; ')}.`, ...judge(close) };
}

function maximumKl(cost: Lookup): ClaimResult {
  const [mean, max] = [cost('cartpole', 'single-path'), cost('cartpole', 'max-kl')];
  const base = {
    id: 'max-kl',
    section: '4, 8.1',
    claim: 'The max-KL constraint learns somewhat more slowly than the mean-KL one, with a similar end.',
    quantity: 'mean cost over all iterations, cart-pole',
    bars: [
      ...(mean ? [{ label: 'mean KL', value: mean.whole }] : []),
      ...(max ? [{ label: 'max KL', value: max.whole }] : []),
    ],
  };
  if (!mean || !max) return { ...base, ...OPEN };
  const measured =
    `Cart-pole: mean cost over all iterations ${say(mean.whole)} (mean KL) and ${say(max.whole)} (max KL), final cost ` +
    `${say(mean.final)} and ${say(max.final)}.`;
  const behind = progress('cartpole', mean.final) - progress('cartpole', max.final);
  return { ...base, measured, ...judge(max.whole > mean.whole && behind < ALIKE) };
}

function naturalGradient(cost: Lookup): ClaimResult {
  const rows = ['hopper', 'walker'].map(
    (task) => [task, cost(task, 'natural-gradient'), cost(task, 'single-path')] as const,
  );
  const base = {
    id: 'natural-gradient',
    section: '8.1',
    claim: 'The natural gradient with a fixed step size fails to generate hopping and walking gaits.',
    quantity: 'final cost per step',
    bars: rows.flatMap(([task, natural, trpo]): Bar[] => [
      ...(natural ? [{ label: `${task}: natural gradient`, value: natural.final }] : []),
      ...(trpo ? [{ label: `${task}: TRPO`, value: trpo.final }] : []),
    ]),
  };
  if (!rows.every(([, natural, trpo]) => natural && trpo)) return { ...base, ...OPEN };
  const listed = rows.map(([task, natural, trpo]) => `${task} ${say(natural!.final)} (TRPO ${say(trpo!.final)})`);
  const measured = `Final costs with the best of six penalties: ${listed.join(', ')}; standing is worth -1.`;
  return { ...base, measured, ...judge(rows.every(([, natural]) => natural!.final > -1.3)) };
}

function blackBox(cost: Lookup): ClaimResult {
  const tasks = { cartpole: 6, swimmer: 364, hopper: 4806 };
  const entries = Object.entries(tasks).map(([task, parameters]) => {
    const costs = [cost(task, 'cem'), cost(task, 'single-path')];
    return { task, parameters, shares: costs.map((c) => (c ? progress(task, c.final) : null)) };
  });
  const base = {
    id: 'black-box',
    section: '8.1',
    claim: 'Derivative-free methods fall behind as the number of parameters grows.',
    quantity: 'share of the way to the best cost hoped for',
    bars: entries.flatMap(({ task, parameters, shares }) =>
      ['CEM', 'TRPO'].flatMap((method, i): Bar[] =>
        shares[i] === null ? [] : [{ label: `${task} (${parameters}): ${method}`, value: shares[i]! }],
      ),
    ),
  };
  if (entries.some(({ shares }) => shares.includes(null))) return { ...base, ...OPEN };
  const gaps = entries.map(({ shares }) => shares[1]! - shares[0]!);
  const listed = entries.map(({ task, shares }) => `${task} ${say(shares[0]!)} (TRPO ${say(shares[1]!)})`);
  const measured = `Share of the way from an untrained policy to the best cost hoped for, CEM: ${listed.join(', ')}.`;
  return { ...base, measured, ...judge(gaps[2]! > gaps[0]! && gaps[2]! > 0.2) };
}
