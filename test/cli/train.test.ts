import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { main, words } from '../support/trellis.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-cli-'));
after(() => rmSync(root, { recursive: true }));
const budget = ['--set', 'sampling.steps=4000', '--set', 'sampling.slots=16'];

function start(args: readonly string[]): { child: ChildProcess; output: () => string; errors: () => string } {
  const child = spawn(process.execPath, [...words, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, output: () => stdout, errors: () => stderr };
}

async function trellis(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { child, output, errors } = start(args);
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout: output(), stderr: errors() };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'waited for a minute');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function bytes(directory: string): Record<string, string> {
  const progress = readFileSync(join(directory, 'progress.csv'), 'utf8').split('\n');
  const files = ['checkpoint', 'policy.json', 'policy.safetensors', 'final.json'];
  return {
    progress: progress.map((line) => line.split(',').slice(0, -2).join(',')).join('\n'),
    ...Object.fromEntries(files.map((name) => [name, readFileSync(join(directory, name), 'hex')])),
  };
}

test('killed twice and resumed, a run ends with the bytes of an uninterrupted one', async () => {
  const whole = join(root, 'whole');
  const killed = join(root, 'killed');
  const run = ['train', 'cartpole', '--seed', '4', '--iterations', '12', ...budget];
  assert.equal((await trellis(...run, '--out', whole)).code, 0);
  for (const args of [
    [...run, '--out', killed],
    ['train', '--resume', killed],
  ]) {
    const before = existsSync(join(killed, 'progress.csv')) ? readFileSync(join(killed, 'progress.csv')).length : 0;
    const { child } = start(args);
    const progress = join(killed, 'progress.csv');
    await until(() => existsSync(progress) && readFileSync(progress).length > Math.max(before, 300) + 300);
    child.kill('SIGKILL');
    await once(child, 'close');
    assert.equal(existsSync(join(killed, 'final.json')), false, 'killed in the middle');
  }
  const { code, stdout } = await trellis('train', '--resume', killed);
  assert.equal(code, 0, stdout);
  assert.deepEqual(bytes(killed), bytes(whole));
});

test('Ctrl-C is answered within a second with the command to go on, exit code 130', {
  skip: process.platform === 'win32' && 'needs signals',
}, async () => {
  const directory = join(root, 'interrupted');
  const { child, output } = start(['train', 'cartpole', '--iterations', '1000', '--out', directory]);
  await until(() => output().includes('2/1000'));
  const pressed = performance.now();
  const closed = once(child, 'close') as Promise<[number]>;
  child.kill('SIGINT');
  await until(() => output().includes(` train --resume ${directory}`));
  assert.ok(performance.now() - pressed < 1000, `${performance.now() - pressed} ms`);
  const [code] = await closed;
  assert.equal(code, 130);
  const resumed = await trellis('train', '--resume', directory, '--iterations', '4', '--json');
  assert.equal(resumed.code, resumed.stdout.includes('"finished"') ? 0 : 2);
});

test('--json: a line per event; eval reads the run', async () => {
  const directory = join(root, 'json');
  const args = ['train', 'cartpole', '--iterations', '2', '--out', directory, '--json', ...budget];
  const { code, stdout } = await trellis(...args);
  assert.equal(code, 0);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ event }) => event).filter((event) => event !== 'warning'),
    ['start', 'iteration', 'iteration', 'finished'],
  );
  const evaluation = await trellis('eval', directory, '--episodes', '70', '--json');
  const result = JSON.parse(evaluation.stdout);
  assert.equal(result.returns.length, 70);
  assert.ok(result.mean_length >= 5 && result.mean_length < 200);
  const again = await trellis('eval', directory, '--episodes', '10', '--json');
  assert.deepEqual(JSON.parse(again.stdout).returns, result.returns.slice(0, 10));
  const other = await trellis('eval', directory, '--episodes', '10', '--seed', '1', '--json');
  assert.notDeepEqual(JSON.parse(other.stdout).returns, result.returns.slice(0, 10));
});

test('bad usage: exit code 2 and a message that helps; failures: 1', async () => {
  const cases: [string[], number, RegExp][] = [
    [['train', 'cartpol'], 2, /Did you mean "cartpole"/],
    [['train'], 2, /no experiment named/],
    [['train', 'cartpole', '--method', 'vin'], 2, /unknown method "vin"/],
    [['train', 'cartpole', '--set', 'trustRegion.klLimi=1'], 2, /klLimit/],
    [['train', 'cartpole', '--set', 'sampling.slots=0'], 2, /sampling\.slots/],
    [['train', 'cartpole', '--iterations', '-3'], 2, /integer of at least 1/],
    [['train', 'cartpole', '--seed', '9007199254740993'], 2, /at most 9007199254740991/],
    [['train', 'cartpole', '--set', 'policy.hidden=64'], 2, /policy\.hidden: expected a list of units/],
    [['train', 'cartpole', '--out', ''], 2, /expected a path/],
    [['train', 'cartpole', '--engine', 'natve', '--out', join(root, 'none')], 2, /unknown engine/],
    [['train', 'cartpole', '--resume', root], 2, /does not go with/],
    [['train', '--bogus'], 2, /unknown option/],
    [['trian'], 2, /unknown command/],
    [['train', '--resume', join(root, 'nowhere')], 1, /does not exist/],
    [['eval', root], 1, /policy\.json/],
  ];
  await Promise.all(
    cases.map(async ([args, code, message]) => {
      const result = await trellis(...args);
      assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
      assert.match(result.stderr, message);
      assert.doesNotMatch(result.stderr, /\n\s+at /);
    }),
  );
  assert.equal(existsSync(join(root, 'none')), false);
});

test('help and list', async () => {
  const help = await trellis('train', '--help');
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Examples:/);
  const text = await trellis('list');
  assert.match(text.stdout, /\n {2}single-path\/growing +hopper\n/);
  const list = await trellis('list', '--json');
  assert.ok(JSON.parse(list.stdout).experiments.some(({ name }: { name: string }) => name === 'swimmer'));
});

test('what an interrupted run prints goes on with it when pasted into a shell', {
  skip: process.platform === 'win32' && 'needs a POSIX shell',
}, async () => {
  const bin = join(root, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'trellis'), `#!/usr/bin/env node\nimport(${JSON.stringify(pathToFileURL(main).href)});\n`, {
    mode: 0o755,
  });
  // The Node that runs this, which under an emulator is not the one of the PATH.
  symlinkSync(process.execPath, join(bin, 'node'));
  const tsx = import.meta.resolve('tsx');
  const { npm_command: _, ...rest } = process.env;
  const env = { ...rest, PATH: `${bin}:${process.env['PATH']}`, NODE_OPTIONS: `--import ${tsx}` };
  const shell = (line: string) => {
    const child = spawn('sh', ['-c', `exec ${line}`], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    return { child, output: () => text, closed: once(child, 'close') as Promise<[number]> };
  };
  const first = shell(`trellis train cartpole --iterations 20 --out "it's a run" ${budget.join(' ')}`);
  await until(() => first.output().includes('2/20'));
  first.child.kill('SIGINT');
  assert.deepEqual((await first.closed)[0], 130);
  const printed = /go on with: (.*)/.exec(first.output())![1];
  const second = shell(printed);
  assert.deepEqual((await second.closed)[0], 0);
  assert.match(second.output(), /single-path, seed 0: 20 iterations, from iteration \d+\n[\s\S]*done: average cost/);
});
