// Two processes take the lock of one run at the same moment, free or stale, and go on with it: never both.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readRun } from '../../src/report/run.js';
import { resume, train } from '../../src/train/train.js';
import { smallRun } from './runs.js';
import { rounds, type Soak } from './soak.js';

const racer = new URL('../train/lock-racer.ts', import.meta.url);

export const soak: Soak = async (options) => {
  const path = join(options.scratch, 'lock');
  const figures: string[] = [];
  let passed = true;
  for (const system of [true, false]) {
    const share = { ...options, least: 2000, until: Date.now() + (options.until - Date.now()) / (system ? 3 : 2) };
    const children = [0, 1].map(() => fork(racer, [path, String(system)], { execArgv: ['--import', 'tsx'] }));
    const ask = async (child: ChildProcess, message: object) => {
      child.send(message);
      return (await once(child, 'message'))[0] as { held?: boolean };
    };
    await Promise.all(children.map((child) => once(child, 'message')));
    const winners = [0, 0, 0];
    for (const round of rounds(share)) {
      rmSync(path, { force: true });
      if (round % 2 === 1) {
        writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
        utimesSync(path, 1, 1);
      }
      const at = Date.now() + 3;
      const answers = await Promise.all(children.map((child) => ask(child, { at })));
      winners[answers.filter(({ held }) => held).length]++;
      await Promise.all(children.map((child) => ask(child, { release: true })));
    }
    for (const child of children) child.kill();
    const tries = winners.reduce((sum, count) => sum + count);
    passed &&= winners[1] === tries;
    figures.push(
      `${system ? 'system' : 'file'} locks: ${tries} tries, ${winners[2]} double, ${winners[0]} without winner`,
    );
  }
  // Two resumes of one run within this process: one trains, and the run goes on.
  let iterations = 2;
  let races = 0;
  const directory = join(options.scratch, 'run');
  await train(smallRun(iterations), { directory, threads: 1 });
  for (const _round of rounds({ ...options, least: 20 })) {
    iterations += 2;
    const quiet = { threads: 1, onWarning() {} };
    const results = await Promise.allSettled([0, 1].map(() => resume(directory, iterations, quiet)));
    passed &&=
      results.some(({ status }) => status === 'fulfilled') && readRun(directory).progress.length === iterations;
    races++;
    if (!passed) break;
  }
  figures.push(`${races} races to resume, each run resumable after it: ${passed}`);
  return { passed, verdict: figures.join('; ') };
};
