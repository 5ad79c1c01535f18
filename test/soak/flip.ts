// Flips single bytes of every file of a run directory, and cuts them off: what is read afterwards is either what was
// written or a typed error, and a run that goes on ends as an uninterrupted one.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrellisError } from '../../src/base/errors.js';
import { Purpose, streamKey, uniform } from '../../src/base/random.js';
import { loadPolicy } from '../../src/policy/policy.js';
import { readPolicy } from '../../src/policy/storage.js';
import { readRun } from '../../src/report/run.js';
import { resume, train } from '../../src/train/train.js';
import { differences, smallRun } from './runs.js';
import { rounds, type Soak } from './soak.js';

const POLICIES = ['policy.json', 'policy.safetensors', 'best-policy.json', 'best-policy.safetensors'];
const FILES = ['config.json', 'progress.csv', 'evaluations.csv', 'checkpoint', ...POLICIES, 'final.json'];
type Outcome = 'noticed' | 'harmless' | 'silent';

export const soak: Soak = async (options) => {
  const at = (name: string) => join(options.scratch, name);
  await train(smallRun(3), { directory: at('source'), threads: 1 });
  await train(smallRun(5), { directory: at('truth'), threads: 1 });
  const read = async (directory: string): Promise<string[]> => {
    const { directory: _where, name: _name, config, progress, evaluations, final } = readRun(directory);
    const best = await readPolicy(directory, 'best-policy');
    const policy = await loadPolicy(directory, 'native', { threads: 1 });
    try {
      const actions = await policy.act(
        Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
        { deterministic: true },
      );
      return [
        JSON.stringify({ config, progress, evaluations, best, final }),
        [...(actions as Iterable<number>)].join(),
      ];
    } finally {
      policy.close();
    }
  };
  const right = await read(at('source'));
  const key = streamKey(Date.now() % 2 ** 32, Purpose.scratch);
  const tally: Record<string, Record<Outcome, number>> = {};
  const silent: string[] = [];
  for (const round of rounds(options)) {
    const file = FILES[round % FILES.length];
    const bytes = readFileSync(join(at('source'), file));
    const draw = (dimension: number, count: number) => Math.floor(uniform(key[0], key[1], round, dimension) * count);
    const place = draw(0, bytes.length);
    const cut = draw(1, 8) === 0;
    const change = 1 << draw(2, 8);
    const damaged = cut ? bytes.subarray(0, place) : Buffer.from(bytes);
    if (!cut) damaged[place] ^= change;
    const what = cut ? `${file} cut to ${place} bytes` : `${file} byte ${place} ^ ${change}`;
    tally[file] ??= { noticed: 0, harmless: 0, silent: 0 };
    const counts = tally[file];
    for (const use of ['read', 'resume'] as const) {
      rmSync(at('damaged'), { recursive: true, force: true });
      cpSync(at('source'), at('damaged'), { recursive: true });
      writeFileSync(join(at('damaged'), file), damaged);
      let outcome: Outcome = 'silent';
      let detail = '';
      try {
        if (use === 'read') {
          const found = await read(at('damaged'));
          if (found.every((text, i) => text === right[i])) outcome = 'harmless';
        } else {
          await resume(at('damaged'), 5, { threads: 1, onWarning() {} });
          const others = differences(at('damaged'), at('truth'));
          if (others.length === 0) outcome = 'harmless';
          else detail = `: ${others.join(', ')}`;
        }
      } catch (error) {
        if (error instanceof TrellisError) outcome = 'noticed';
        else detail = `: ${String(error)}`;
      }
      counts[outcome]++;
      if (outcome === 'silent') silent.push(`${use}: ${what}${detail}`);
    }
  }
  const figures = Object.entries(tally).map(([file, { noticed, harmless, silent: unseen }]) => {
    return `${file} ${noticed} noticed, ${harmless} harmless, ${unseen} silent`;
  });
  return { passed: silent.length === 0, verdict: [figures.join('; '), ...silent.slice(0, 5)].join('\n  ') };
};
