import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { words } from '../support/trellis.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-reproduce-'));
after(() => rmSync(root, { recursive: true, force: true }));

async function trellis(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...words, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

test('reproduce theory prints and writes the table', async () => {
  const out = join(root, 'theory');
  const { code, stdout } = await trellis('reproduce', 'theory', '--budget', '0.004', '--out', out);
  assert.equal(code, 0);
  assert.match(stdout, /Theorem 1 \|.* fails as printed \|/);
  assert.deepEqual(readdirSync(out).sort(), ['README.md', 'theory.csv', 'theory.json']);
});

test('reproduce fig4 trains by child processes, draws, and does not train again; report and render read its runs', async () => {
  const out = join(root, 'fig4');
  const words = [
    'reproduce',
    'fig4',
    '--only',
    'cartpole-vine',
    '--seeds',
    '2',
    '--budget',
    '0.03',
    '--jobs',
    '2',
    '--out',
    out,
  ];
  const first = await trellis(...words);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /\| cartpole \| vine \| 2 of 5 \|/);
  assert.match(first.stderr, /cell [12] of 2, cartpole-vine-seed2: done 2\/2/);
  assert.ok(existsSync(join(out, 'figure4.png')));
  const run = join(out, 'cartpole-vine-seed1');
  assert.equal(readFileSync(join(run, 'progress.csv'), 'utf8').split('\n').length, 4);
  const again = await trellis(...words);
  assert.equal(again.code, 0);
  assert.equal(again.stderr, '');

  const report = await trellis(
    'report',
    run,
    join(out, 'cartpole-vine-seed2'),
    '--out',
    join(root, 'report'),
    '--json',
  );
  assert.equal(report.code, 0, report.stderr);
  assert.ok(existsSync((JSON.parse(report.stdout) as { html: string }).html));
  const render = await trellis('render', run, '--seconds', '1', '--deterministic');
  assert.equal(render.code, 0, render.stderr);
  assert.ok(existsSync(join(run, 'replay.html')) && existsSync(join(run, 'replay.gif')));
});

test('wrong names are usage errors that say what there is', async () => {
  for (const [args, expected] of [
    [['reproduce', 'fig6'], /fig4/],
    [['reproduce', 'fig4', '--only', 'swimmers', '--out', root], /swimmer-vine-seed1/],
    [['reproduce', 'theory', '--budget', '0'], /above 0/],
    [['render', 'hoper'], /hopper/],
    [['render', 'cartpole', '--out', join(root, 'a.webm')], /\.html, \.gif or \.mp4/],
  ] as const) {
    const { code, stderr } = await trellis(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, expected);
  }
  const { code, stderr } = await trellis('report', root);
  assert.equal(code, 1);
  assert.match(stderr, /progress\.csv/);
});
