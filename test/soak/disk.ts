// A disk that fills up while a run goes on: a typed error, and after space is freed it ends as an uninterrupted one.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrellisError } from '../../src/base/errors.js';
import { resume, train } from '../../src/train/train.js';
import { differences, smallRun } from './runs.js';
import { rounds, type Soak } from './soak.js';

export const soak: Soak = async (options) => {
  const disk = join(options.scratch, 'disk');
  mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0;
  if (!mounted) return { passed: true, verdict: 'not run: a small disk needs Linux and the right to mount one (root)' };
  try {
    const [whole, directory, filler] = [join(options.scratch, 'whole'), join(disk, 'run'), join(disk, 'filler')];
    await train(smallRun(6), { directory: whole, threads: 1 });
    const counts = { full: 0, done: 0, equal: 0 };
    const faults: string[] = [];
    for (const round of rounds({ ...options, least: 30 })) {
      rmSync(directory, { recursive: true, force: true });
      const fillUp = ({ row: { iteration } }: { row: { iteration: number } }) => {
        if (iteration !== round % 3) return;
        const { bavail, bsize } = statfsSync(disk);
        const size = bavail * bsize - 4096 * (Math.floor(round / 3) % 10);
        if (size > 0) writeFileSync(filler, Buffer.alloc(size));
      };
      try {
        await train(smallRun(6), { directory, threads: 1, onIteration: fillUp });
        counts.done++;
      } catch (error) {
        if (error instanceof TrellisError && /ENOSPC/.test(error.message)) counts.full++;
        else faults.push(String(error));
      }
      rmSync(filler, { force: true });
      try {
        await resume(directory, undefined, { threads: 1 });
        const others = differences(directory, whole);
        if (others.length === 0) counts.equal++;
        else faults.push(`differing: ${others.join(', ')}`);
      } catch (error) {
        faults.push(`not resumed: ${String(error)}`);
      }
      if (faults.length > 5) break;
    }
    const tried = counts.full + counts.done;
    const figures = `${counts.full} of ${tried} runs met a full disk, ${counts.equal} ended equal to the uninterrupted one`;
    return { passed: faults.length === 0 && counts.full > 0, verdict: [figures, ...faults].join('\n  ') };
  } finally {
    spawnSync('umount', [disk]);
  }
};
