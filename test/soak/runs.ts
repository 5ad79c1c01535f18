// What the soaks of run directories share.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerPaper } from '../../paper/index.js';
import type { RunConfigInput } from '../../src/train/config.js';

registerPaper();

const main = fileURLToPath(new URL('../../bin/trellis.ts', import.meta.url));

/** A cart-pole run of a fraction of a second. */
export function smallRun(iterations: number): RunConfigInput {
  return {
    experiment: 'soak',
    track: 'custom',
    method: 'single-path',
    seed: 5,
    iterations,
    environment: { id: 'cartpole' },
    options: { sampling: { steps: 300, slots: 16 } },
    evaluation: { every: 2, episodes: 3 },
  };
}

/** `trellis` from these sources, in a process of its own. */
export function startTrellis(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const words = ['--import', 'tsx', main, ...args];
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
}

/** Runs it to its end. */
export async function trellis(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = startTrellis(args);
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** All that a finished run leaves, by file, without what tells the time. */
export function runBytes(directory: string): Record<string, string> {
  const policies = ['policy', 'best-policy'].flatMap((name) => [`${name}.json`, `${name}.safetensors`]);
  const files = ['config.json', 'checkpoint', ...policies, 'evaluations.csv', 'final.json'];
  const text = (name: string) => {
    const path = join(directory, name);
    return existsSync(path) ? readFileSync(path, 'latin1') : '(missing)';
  };
  const progress = text('progress.csv').split('\n');
  return {
    'progress.csv': progress.map((line) => line.split(',').slice(0, -2).join(',')).join('\n'),
    ...Object.fromEntries(files.map((name) => [name, text(name)])),
  };
}

/** Names of the files in which two finished runs differ. */
export function differences(a: string, b: string): string[] {
  const [first, second] = [runBytes(a), runBytes(b)];
  return Object.keys(first).filter((name) => first[name] !== second[name]);
}
