// Kills `trellis train` at random moments until it is done: the run ends as an uninterrupted one, every time.
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { differences, startTrellis, trellis } from './runs.js';
import { rounds, type Soak } from './soak.js';

const RUN = ['train', 'cartpole', '--seed', '4', '--iterations', '40', '--set', 'sampling.steps=1500', '--json'];

export const soak: Soak = async (options) => {
  const whole = join(options.scratch, 'whole');
  const killed = join(options.scratch, 'killed');
  const first = await trellis(...RUN, '--out', whole);
  if (first.code !== 0) return { passed: false, verdict: first.output };
  const faults: string[] = [];
  let kills = 0;
  let runs = 0;
  for (const _round of rounds(options)) {
    rmSync(killed, { recursive: true, force: true });
    for (let tries = 0; !existsSync(join(killed, 'final.json')); tries++) {
      // One that was killed before it wrote its configuration has not begun.
      const begun = existsSync(join(killed, 'config.json'));
      if (!begun) rmSync(killed, { recursive: true, force: true });
      const child = startTrellis(begun ? ['train', '--resume', killed, '--json'] : [...RUN, '--out', killed]);
      let errors = '';
      child.stderr!.on('data', (chunk) => {
        errors += chunk;
      });
      const ended = once(child, 'close') as Promise<[number | null, string | null]>;
      // From its first line on, or at any moment at all; the tenth try may finish.
      if (tries < 10) {
        if (tries % 3 !== 2) await Promise.race([once(child.stdout!, 'data'), ended]);
        setTimeout(() => child.kill('SIGKILL'), Math.random() * (tries % 3 === 2 ? 2500 : 500)).unref();
      }
      child.stdout!.resume();
      const [code, signal] = await ended;
      if (signal === 'SIGKILL') kills++;
      else if (code !== 0) {
        faults.push(`exit ${code}: ${errors.slice(-300)}`);
        break;
      }
    }
    runs++;
    const others = differences(killed, whole);
    if (others.length > 0) faults.push(`differing: ${others.join(', ')}`);
    if (faults.length > 5) break;
  }
  const verdict = `${kills} kills, ${runs - faults.length} of ${runs} runs equal to the uninterrupted one`;
  return { passed: faults.length === 0, verdict: [verdict, ...faults].join('\n  ') };
};
