import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { figure4Cells } from '../../paper/cells/figure4.js';
import { comparedClaims } from '../../paper/claims/compared.js';
import { lineSearchClaim } from '../../paper/claims/line-search.js';
import { hessianVectorProduct } from '../../paper/claims/metric.js';
import { standing, theoreticalPenalty } from '../../paper/claims/penalty.js';
import { commonRandomNumbers, vineVariance } from '../../paper/claims/sampling.js';
import { claimCells, trainedClaims } from '../../paper/claims/trained.js';
import { registerPaper } from '../../paper/index.js';
import type { ProgressRow } from '../../src/index.js';
import { writeSyntheticRun } from '../report/synthetic-run.js';

registerPaper();

const folder = mkdtempSync(join(tmpdir(), 'trellis-claims-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const context = { budget: 0.1, threads: 2 };

test('common random numbers reduce the variance of Q differences on the hopper', async () => {
  const { verdict, bars } = await commonRandomNumbers(context);
  assert.equal(verdict, 'supported');
  assert.ok(bars[0].value > 0 && bars[0].value < bars[1].value);
});

test("vine's gradient has less noise than the single path's at as many Q values", async () => {
  const { verdict, bars } = await vineVariance(context);
  assert.equal(verdict, 'supported');
  assert.ok(bars.every(({ value }) => value > 0 && Number.isFinite(value)));
});

test('the Hessian-vector product of the KL divergence is the Fisher-vector product', async () => {
  assert.equal((await hessianVectorProduct(context)).verdict, 'supported');
});

test('the penalty of the theory gives steps that shrink with 1 - gamma, far below the trust region', async () => {
  const { verdict, bars } = await theoreticalPenalty(context);
  assert.equal(verdict, 'supported');
  assert.ok(bars[0].value > bars[1].value && bars[1].value > bars[2].value);
});

test('the hopper pays -1 for a step without velocity', async () => {
  const { bars, verdict } = await standing(context);
  assert.equal(verdict, 'supported');
  assert.ok(Math.abs(bars.find(({ label }) => label === 'hopper')!.value + 1) < 1e-9);
});

test('claims about training runs are open until the runs are done, then judged by them', () => {
  assert.ok(trainedClaims(folder, 1).every(({ verdict }) => verdict === 'open'));
  const finals: Record<string, number> = {
    'swimmer-tenth': -0.12,
    'swimmer-cg-1': -0.06,
    'swimmer-cg-3': -0.1,
    'swimmer-cg-30': -0.12,
    'swimmer-all-data': -0.2,
  };
  for (const cell of claimCells()) {
    const variant = /cells\/(.*)-seed/.exec(cell.name)![1];
    const run = {
      iterations: cell.iterations,
      planned: cell.iterations,
      final: finals[variant] ?? -0.11,
      seed: cell.seed,
    };
    writeSyntheticRun(join(folder, 'cells'), { ...run, name: `${variant}-seed${cell.seed}` });
  }
  const [cg, subsample, lineSearch] = trainedClaims(folder, 1);
  assert.equal(cg!.verdict, 'supported');
  assert.deepEqual(
    cg!.bars.map(({ label }) => label),
    ['1 iterations', '3 iterations', '10 iterations', '30 iterations'],
  );
  assert.equal(subsample!.verdict, 'not supported', 'all data is better by far here');
  assert.equal(lineSearch!.verdict, 'not supported', 'the same KL with and without here');
});

test('claims about Figure 4 are judged by its runs', () => {
  const figure4 = join(folder, 'fig4');
  assert.ok(comparedClaims(figure4, 1).every(({ verdict }) => verdict === 'open'));
  const finals: Record<string, number> = {
    'single-path': 1,
    'empirical-fim': 0.97,
    'max-kl': 0.93,
    cem: 0.9,
    'natural-gradient': 0.3,
  };
  const best: Record<string, number> = { cartpole: -10, swimmer: -0.15, hopper: -2.8, walker: -4 };
  for (const cell of figure4Cells().filter(({ method }) => method in finals)) {
    const weak = cell.method === 'cem' && cell.task === 'hopper' ? 0.3 : finals[cell.method];
    const final = best[cell.task] * weak;
    const { task: experiment, method, seed, iterations } = cell;
    writeSyntheticRun(figure4, { experiment, method, seed, iterations, planned: iterations, final });
  }
  for (const { id, verdict, measured } of comparedClaims(figure4, 1))
    assert.equal(verdict, 'supported', `${id}: ${measured}`);
});

test('the line search is judged by what follows steps beyond the trust region, not by any rise', () => {
  const rows = (kl: number, rise: number) =>
    [
      [0, 0.009],
      [-0.1, kl],
      [-0.1 + rise, 0.009],
      [-0.2, 0.009],
    ].map(([mean_cost_per_step, mean_kl]) => ({ mean_cost_per_step, mean_kl }) as Partial<ProgressRow> as ProgressRow);
  const usual = { cost: -0.2, rows: [rows(0.009, 0.05)] };
  const names = ['hopper-small-batch', 'hopper-large-limit', 'walker-large-limit'];
  const outcomes = (kl: number, rise: number) => ({
    ...Object.fromEntries(names.map((name) => [name, usual])),
    'hopper-large-limit-no-line-search': usual,
    'walker-large-limit-no-line-search': usual,
    'hopper-no-line-search': { cost: -0.2, rows: [rows(kl, rise)] },
  });
  assert.equal(lineSearchClaim(outcomes(0.03, 0.2)).verdict, 'supported');
  assert.equal(lineSearchClaim(outcomes(0.011, 0.2)).verdict, 'not supported', 'a rise with the step within 1.5 δ');
  assert.equal(lineSearchClaim(outcomes(0.03, 0.08)).verdict, 'not supported', 'no worse than with the line search');
  const part = { ...outcomes(0.03, 0.08), 'walker-large-limit': null };
  assert.equal(lineSearchClaim(part).verdict, 'open', 'that no run shows it takes all runs');
  assert.match(lineSearchClaim(part).measured, /Not done yet: walker at δ = 0\.1\./);
  assert.match(lineSearchClaim(outcomes(0.03, 0.2)).measured, /1 steps beyond 1\.5 δ/);
});
