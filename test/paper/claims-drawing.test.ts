import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ClaimResult } from '../../paper/claims/index.js';
import { writeClaims } from '../../paper/figures/claims.js';
import { settingsTables } from '../../paper/figures/settings-table.js';
import { writeSyntheticRun } from '../report/synthetic-run.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-claims-report-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('claims are written as table, CSV, JSON and a chart of those that have numbers', async () => {
  const base = { section: '5', claim: 'a | b', measured: 'so', quantity: 'cost' };
  const results: ClaimResult[] = [
    {
      ...base,
      id: 'first',
      verdict: 'supported',
      bars: [
        { label: 'x', value: 1 },
        { label: 'y', value: 3 },
      ],
    },
    { ...base, id: 'second', verdict: 'open', bars: [] },
    { ...base, id: 'third', verdict: 'not supported', bars: [{ label: 'z', value: 1e-6 }], logarithmic: true },
  ];
  await writeClaims(results, folder, 'the end');
  const markdown = readFileSync(join(folder, 'README.md'), 'utf8');
  assert.match(markdown, /2 of 3 were\njudged; the others wait/);
  assert.match(markdown, /\| a \\\| b \| 5 \| so \| not supported \|/);
  assert.match(markdown, /the end$/);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'claims.json'), 'utf8')), results);
  const svg = readFileSync(join(folder, 'claims.svg'), 'utf8');
  assert.ok(svg.includes('first') && svg.includes('third') && !svg.includes('second'));
});

test('the settings tables show what the runs were made with beside the published values', () => {
  writeSyntheticRun(folder, { experiment: 'swimmer' });
  writeSyntheticRun(folder, { experiment: 'swimmer', method: 'vine' });
  const tables = settingsTables(folder, join(folder, 'atari'));
  assert.match(tables, /\| policy parameters \| 364 \| 364 \| 4806 \| {2}\|/);
  assert.match(tables, /\| simulator steps per iteration \| 50K \| 50,000 \/ 50,000 \| 1M \| {2}\|/);
  assert.match(tables, /\| single path: computation time \(min\) \| 5 \| 0\.1667 min for 20 iterations \|/);
  assert.match(tables, /\| single path: number of paths \| 50 \| 50 \| 1000 \|/);
  assert.match(tables, /\| vine: trunks run \| 16 \| 50 \|/, 'counted, not set');
  assert.match(tables, /\| policy iterations \| 200 \| 20 \/ 20 \|/);
  assert.match(tables, /\| policy parameters \| 33500 \| {2}\|/);
});

test('iterations that were planned and have not run are not shown as done', () => {
  const out = join(folder, 'part');
  writeSyntheticRun(join(out, 'atari'), { experiment: 'pong', iterations: 7, planned: 500 });
  assert.match(settingsTables(out, join(out, 'atari')), /\| policy iterations \| 500 \| 7 of 500 \|/);
});
