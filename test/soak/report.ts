// Kills report and render while they write: every file is the old or the new one, and nothing else stays.
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { train } from '../../src/train/train.js';
import { smallRun, startTrellis, trellis } from './runs.js';
import { rounds, type Soak } from './soak.js';

export const soak: Soak = async (options) => {
  const run = join(options.scratch, 'run');
  await train(smallRun(6), { directory: run, threads: 1 });
  const commands = ['report', 'html', 'gif'].map((kind) => {
    const out = join(options.scratch, `out-${kind}`);
    mkdirSync(out);
    const words =
      kind === 'report'
        ? ['report', run, '--out', out]
        : ['render', run, '--seconds', '2', '--out', join(out, `x.${kind}`)];
    return { out, words };
  });
  const good = new Map<string, Buffer>();
  const times: number[] = [];
  for (const { out, words } of commands) {
    const begun = performance.now();
    const { code, output } = await trellis(...words);
    if (code !== 0) return { passed: false, verdict: output };
    times.push(performance.now() - begun);
    for (const name of readdirSync(out)) good.set(join(out, name), readFileSync(join(out, name)));
  }
  const damaged: string[] = [];
  let kills = 0;
  let tries = 0;
  let leftovers = 0;
  for (const round of rounds({ ...options, least: 3 })) {
    const { out, words } = commands[round % commands.length];
    const child = startTrellis(words);
    child.stdout!.resume();
    child.stderr!.resume();
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    // At any moment, or as soon as something is being written.
    const begins = () => readdirSync(out).some((name) => name.endsWith('.tmp'));
    const before = readdirSync(out).length;
    const watch = setInterval(() => (begins() || readdirSync(out).length !== before) && child.kill('SIGKILL'), 0);
    if (round % 2 === 0) clearInterval(watch);
    if (round % 2 === 0) setTimeout(() => child.kill('SIGKILL'), Math.random() * times[round % times.length]).unref();
    if ((await ended)[1] === 'SIGKILL') kills++;
    clearInterval(watch);
    tries++;
    if (begins()) leftovers++;
    for (const [path, bytes] of good) {
      if (!existsSync(path) || !readFileSync(path).equals(bytes)) damaged.push(path);
    }
    if (damaged.length > 0) break;
  }
  for (const { words } of commands) await trellis(...words);
  const stay = commands.flatMap(({ out }) => readdirSync(out).filter((name) => !good.has(join(out, name))));
  const figures = `${tries} tries, ${kills} killed, ${damaged.length} outputs damaged, ${leftovers} temporary files left, ${stay.length} after the next run`;
  return { passed: damaged.length === 0 && stay.length === 0, verdict: [figures, ...damaged.slice(0, 5)].join('\n  ') };
};
