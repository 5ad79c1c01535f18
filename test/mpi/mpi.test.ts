// Real launchers: TRELLIS_MPIRUN has the paths of their mpirun, with ":" between; TRELLIS_MPI_RANKS how many processes to
// try (default 2,3), TRELLIS_MPI_RUNS which runs. Takes what `npm run build` made.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { romFolder } from '../../src/native/rom-library.js';

const launchers = (process.env['TRELLIS_MPIRUN'] ?? '').split(':').filter((name) => name !== '');
const sizes = (process.env['TRELLIS_MPI_RANKS'] ?? '2,3').split(',').map(Number);
const groups = Math.max(8, ...sizes);
const trellis = [process.execPath, resolve('dist/bin/trellis.js')];
const folder = mkdtempSync(join(tmpdir(), 'trellis-mpi-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const paths = [`steps=${200 * groups}`, `slots=${2 * groups}`];
const every: Record<string, { command: string; sampling: string[]; set?: string[] }> = {
  swimmer: { command: 'swimmer', sampling: [`steps=${100 * groups}`, `slots=${groups}`] },
  hopper: { command: 'hopper', sampling: paths },
  vine: {
    command: 'hopper --method vine',
    sampling: [`trunks=${groups}`, `trunkSteps=${100 * groups}`, `rolloutStates=${4 * groups}`, 'rolloutLength=20'],
  },
  ppo: { command: 'hopper --method ppo', sampling: paths },
  pong: { command: 'pong', sampling: [`steps=${30 * groups}`, `slots=${groups}`, 'cutAtBudget=true'] },
};
const wanted = process.env['TRELLIS_MPI_RUNS']?.split(',') ?? Object.keys(every);
const roms = existsSync(romFolder()) && readdirSync(romFolder()).length > 0;
const runs = Object.entries(every).filter(([name]) => wanted.includes(name) && (name !== 'pong' || roms));

function argumentsOf({ command, sampling }: (typeof every)[string], iterations = 2): string[] {
  const settings = [`groups=${groups}`, ...sampling].map((setting) => `sampling.${setting}`);
  return [
    'train',
    ...command.split(' '),
    '--iterations',
    `${iterations}`,
    ...settings.flatMap((one) => ['--set', one]),
  ];
}

/** Open MPI binds processes to cores, and refuses more of them than there are, unless it is told. */
function flagsOf(launcher: string): string[] {
  const isOpenMpi = /Open MPI|PRTE/i.test(spawnSync(launcher, ['--version'], { encoding: 'utf8' }).stdout);
  return isOpenMpi ? ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none'] : [];
}

function launch(launcher: string, size: number, args: readonly string[]): ChildProcess & { output: () => string } {
  const command = [...flagsOf(launcher), '-n', `${size}`, ...trellis, ...args];
  const child = spawn(launcher, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream!.on('data', (chunk: Buffer) => (text += chunk));
  return Object.assign(child, { output: () => text });
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((settle) => child.on('close', (code) => settle(code)));

/** What a run gave, without the columns that tell the time. */
function resultOf(directory: string): { progress: string; theta: string } {
  const read = (name: string) => readFileSync(join(directory, name));
  return {
    progress: read('progress.csv')
      .toString()
      .replace(/,[^,\n]*,[^,\n]*$/gm, ''),
    theta: createHash('sha256').update(read('policy.safetensors')).digest('hex'),
  };
}

const expected = new Map<string, ReturnType<typeof resultOf>>();
function inOneProcess(name: string, run: (typeof every)[string]): ReturnType<typeof resultOf> {
  if (!expected.has(name)) {
    const out = join(folder, name);
    const [node, script] = trellis;
    const { status, stderr } = spawnSync(node, [script, ...argumentsOf(run), '--out', out], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    expected.set(name, resultOf(out));
  }
  return expected.get(name)!;
}

test('there is a launcher to try', () => assert.notDeepEqual(launchers, [], 'TRELLIS_MPIRUN names none'));

for (const launcher of launchers) {
  const folderOf = (name: string) => join(folder, `${launchers.indexOf(launcher)}-${name}`);

  for (const [name, run] of runs) {
    for (const size of sizes) {
      test(`${name} on ${size} ranks of ${launcher}: the bytes of one process`, async () => {
        const out = folderOf(`${name}-${size}`);
        const job = launch(launcher, size, [...argumentsOf(run), '--out', out]);
        assert.equal(await ended(job), 0, job.output());
        assert.deepEqual(resultOf(out), inOneProcess(name, run));
      });
    }
  }

  test(`${launcher}: another number of ranks goes on with the same bytes`, async () => {
    const out = folderOf('resumed');
    const first = launch(launcher, 2, [...argumentsOf(every['hopper'], 1), '--out', out]);
    assert.equal(await ended(first), 0, first.output());
    const second = launch(launcher, 3, ['train', '--resume', out, '--iterations', '2']);
    assert.equal(await ended(second), 0, second.output());
    assert.deepEqual(resultOf(out), inOneProcess('hopper', every['hopper']));
  });

  test(`${launcher}: a rank that is killed ends the job within seconds, and the run goes on from its checkpoint`, async () => {
    const out = folderOf('killed');
    const job = launch(launcher, 2, [...argumentsOf(every['hopper'], 1000), '--out', out]);
    await iterated(job, out);
    const victim = ranksOf(job.pid!).at(-1)!;
    process.kill(victim, 'SIGKILL');
    const start = performance.now();
    assert.notEqual(await ended(job), 0);
    assert.ok(performance.now() - start < 10_000, 'within ten seconds');
    assert.match(job.output(), /rank|signal|killed/i);
    const done = resultOf(out).progress.trim().split('\n').length;
    const [node, script] = trellis;
    const resumed = spawnSync(node, [script, 'train', '--resume', out, '--iterations', `${done}`], {
      encoding: 'utf8',
    });
    assert.equal(resumed.status, 0, resumed.stderr);
  });

  test(`${launcher}: SIGTERM ends the job as Ctrl-C does on one machine`, async () => {
    const out = folderOf('stopped');
    const job = launch(launcher, 2, [...argumentsOf(every['hopper'], 1000), '--out', out]);
    await iterated(job, out);
    const start = performance.now();
    const left = ended(job);
    // The others may hear of it first: they leave the last word to rank 0.
    for (const rank of ranksOf(job.pid!).reverse()) {
      process.kill(rank, 'SIGTERM');
      await new Promise((wait) => setTimeout(wait, 1000));
    }
    assert.notEqual(await left, 0);
    assert.ok(performance.now() - start < 10_000, 'within ten seconds');
    assert.match(job.output(), /interrupted; go on with: .*train --resume/);
    assert.ok(existsSync(join(out, 'checkpoint')));
  });

  test(`${launcher}: what is wrong is said once, by rank 0`, async () => {
    const job = launch(launcher, 2, ['train', 'hopper', '--iterations', '1', '--out', folderOf('wrong')]);
    assert.notEqual(await ended(job), 0);
    assert.equal(job.output().match(/1 group of paths for 2 processes/g)?.length, 1, job.output());
  });
}

/** Waits for the first iterations of a run. */
async function iterated(job: ChildProcess & { output: () => string }, out: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (existsSync(join(out, 'checkpoint'))) return;
    assert.equal(job.exitCode, null, job.output());
    await new Promise((wait) => setTimeout(wait, 100));
  }
  assert.fail(`no iteration in a minute: ${job.output()}`);
}

/** Processes of Node below one, by number. */
function ranksOf(launcher: number): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const all = stdout.split('\n').map((line) => {
    const [pid, parent, ...rest] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), program: rest.join(' ') };
  });
  const below = (pid: number): typeof all =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return below(launcher)
    .filter(({ program }) => program.startsWith(process.execPath))
    .map(({ pid }) => pid);
}
