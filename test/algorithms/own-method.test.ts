/** A method from outside the package has all that the methods of the paper have. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseCsv } from '../../src/report/csv.js';
import { readRun } from '../../src/report/run.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-own-'));
after(() => rmSync(root, { recursive: true }));
const main = fileURLToPath(new URL('../../bin/trellis.ts', import.meta.url));
const module = fileURLToPath(new URL('own/register.ts', import.meta.url));
const loader = import.meta.resolve('tsx');
const words = ['--import', loader, main];

function trellis(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...words, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { code: status, stdout, stderr };
}

const file = (directory: string, name: string) => readFileSync(join(root, directory, name));
const timeless = (directory: string) => {
  const lines = file(directory, 'progress.csv').toString().trim().split('\n');
  return lines.map((line) => line.split(',').slice(0, -2).join(','));
};

const run = ['train', module, '--seed', '2', '--set', 'evaluation.every=3', '--set', 'evaluation.episodes=4'];

test('killed and resumed, it ends with the bytes of an uninterrupted run, best policy and evaluations included', async () => {
  const whole = trellis([...run, '--out', 'whole']);
  assert.equal(whole.code, 0, whole.stderr);
  // Its own columns are on the console's line, by their words there.
  assert.match(whole.stdout, /\n40\/40 .* diff +-?\d.* value loss +\d/);
  assert.doesNotMatch(whole.stdout, /never/);

  const child = spawn(process.execPath, [...words, ...run, '--out', 'killed'], { cwd: root, stdio: 'ignore' });
  const progress = join(root, 'killed/progress.csv');
  const deadline = performance.now() + 60_000;
  while (!existsSync(progress) || readFileSync(progress, 'utf8').split('\n').length < 6) {
    assert.ok(performance.now() < deadline && child.exitCode === null, 'waited for five rows');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.equal(existsSync(join(root, 'killed/final.json')), false, 'killed in the middle');
  const resumed = trellis(['train', '--resume', 'killed']);
  assert.equal(resumed.code, 0, resumed.stderr);

  assert.deepEqual(timeless('killed'), timeless('whole'));
  assert.equal(
    timeless('whole')[0],
    'iteration,simulator_steps,episodes,mean_return,mean_length,mean_cost_per_step,difference,value_loss,never',
  );
  for (const name of ['evaluations.csv', 'evaluations.sha256', 'checkpoint', 'final.json']) {
    assert.deepEqual(file('killed', name), file('whole', name), name);
  }
  for (const name of ['policy', 'best-policy'].flatMap((policy) => [`${policy}.json`, `${policy}.safetensors`])) {
    assert.deepEqual(file('killed', name), file('whole', name), name);
  }
});

test('reports, curves, evaluation, JSON and lists follow it', () => {
  const report = trellis(['report', 'whole', '--out', 'report', '--import', module]);
  assert.equal(report.code, 0, report.stderr);
  const page = readFileSync(join(root, 'report/report.html'), 'utf8');
  for (const title of [
    'Which side is better',
    'return, less what was expected',
    'Value loss',
    'Return in evaluation',
  ]) {
    assert.ok(page.includes(title), title);
  }
  assert.doesNotMatch(page, /Never/);
  const summary = parseCsv(readFileSync(join(root, 'report/summary.csv'), 'utf8'));
  const rows = parseCsv(file('whole', 'progress.csv').toString());
  const last = rows.rows.slice(-5).map((row) => Number(row[rows.columns.indexOf('difference')]));
  assert.equal(
    Number(summary.rows[0][summary.columns.indexOf('difference')]),
    last.reduce((sum, value) => sum + value) / 5,
  );
  // Where the method is not registered the columns are known by their names only.
  const { columns, evaluations } = readRun(join(root, 'whole'));
  assert.equal(columns.find(({ name }) => name === 'difference')?.title, 'Difference');
  assert.equal(evaluations.length, 13);
  assert.match(file('whole', 'curve.svg').toString(), /Which side is better/);

  const [last4, best4] = [[], ['--best']].map((option) => {
    const { code, stdout, stderr } = trellis(['eval', 'whole', '--episodes', '4', '--import', module, ...option]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).mean_return as number;
  });
  assert.ok(Number.isFinite(last4) && Number.isFinite(best4));

  const json = trellis([...run, '--iterations', '3', '--out', 'json', '--json']);
  const events = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ event }) => event),
    ['start', 'iteration', 'iteration', 'evaluation', 'iteration', 'finished'],
  );
  assert.ok(Number.isFinite(events[1].difference) && events[1].never === null);
  const list = JSON.parse(trellis(['list', '--json', '--import', module]).stdout);
  assert.ok(list.methods.some(({ name }: { name: string }) => name === 'own-search'));
  assert.ok(list.loggers.some(({ name }: { name: string }) => name === 'lines'));
});

test('its options are reached by --set, and refused by their names', () => {
  const set = (setting: string) => trellis([...run, '--iterations', '1', '--out', 'never', '--set', setting]);
  for (const [setting, message] of [
    ['sampling.steps=x', /sampling\.steps: expected a number, not "x"/],
    ['value.learningRate=[]', /value\.learningRate: expected a number/],
    ['vale.hidden=[3]', /"vale".*value/],
    ['evaluation.evry=3', /"evaluation\.evry".*Did you mean "evaluation\.every"/],
    ['evaluation.every=0', /evaluation\.every/],
  ] as const) {
    const { code, stderr } = set(setting);
    assert.equal(code, 2, setting);
    assert.match(stderr, message);
  }
  assert.equal(existsSync(join(root, 'never')), false);
});

test('a logger of its own is chosen by name; one that throws ends the run, which can be resumed', () => {
  const begin = [...run, '--iterations', '4', '--logger', 'lines'];
  const failed = trellis([...begin, '--out', 'logged'], { LINES_FAIL: '2' });
  assert.equal(failed.code, 1);
  assert.equal(failed.stderr, 'trellis: onIteration of logger "lines" failed: no more lines\n');
  assert.equal(failed.stdout, '', 'only the logger that was asked for');
  assert.equal(timeless('logged').length, 4);
  const resumed = trellis(['train', '--resume', 'logged', '--logger', 'lines', '--logger', 'csv']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(resumed.stdout, file('logged', 'progress.csv').toString());
  assert.deepEqual(
    file('logged', 'lines.txt')
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]),
    ['0', '1', '3'],
  );
  const unknown = trellis([...run, '--out', 'never', '--logger', 'linse']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /unknown logger "linse"\. Did you mean "lines"/);
});
