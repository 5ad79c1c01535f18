/**
 * `npm run fuzz`: random calls on everything that is exported, in child processes; a crash, a hang or damage that no
 * error told of fails, and names the command that repeats it.
 *   --seconds n   how long (default 60); children stop then, too
 *   --seed n      the first seed (default: the time)
 *   --calls n     calls a child (default 10000)   --seeds n     at most so many children
 *   --jobs n      children at a time (default 1)  --targets a,b only these
 *   --sanitized   the addon of `node scripts/build-native.mjs --sanitize address,undefined`
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sanitizedEnvironment } from './sanitizer.js';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    calls: { type: 'string', default: '10000' },
    jobs: { type: 'string', default: '1' },
    targets: { type: 'string' },
    sanitized: { type: 'boolean', default: false },
    addon: { type: 'string', default: 'build/sanitized/Release/trellis.node' },
  },
});
/** A child whose journal stands still for so long hangs; on a machine that is merely slow a call takes seconds. */
const HANG_MS = 300_000;

interface Result {
  outcomes: Record<string, number>;
  untyped: Record<string, string>;
  what: string;
}

const folder = mkdtempSync(join(tmpdir(), 'trellis-fuzz-'));
const environment = options.sanitized ? sanitizedEnvironment(options.addon) : process.env;
const end = Date.now() + 1000 * Number(options.seconds);
let next = options.seed === undefined ? Math.floor(Date.now() / 1000) % 1e6 : Number(options.seed);
const last = options.seeds === undefined ? Number.POSITIVE_INFINITY : next + Number(options.seeds);
const outcomes: Record<string, number> = {};
const untyped: Record<string, string> = {};
const failures: string[] = [];
let children = 0;

async function runSeed(seed: number): Promise<void> {
  const journal = join(folder, `${seed}`);
  // A seed that is run again makes all its calls, however long that takes.
  const until = options.seeds === undefined ? end : Number.POSITIVE_INFINITY;
  const args = [seed, options.calls, journal, until, ...(options.targets === undefined ? [] : [options.targets])];
  const child = spawn(process.execPath, ['--import', 'tsx', '--expose-gc', 'test/fuzz/child.ts', ...args.map(String)], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors = (errors + String(data)).slice(-100_000);
  });
  let hangs = false;
  const started = Date.now();
  const watch = setInterval(() => {
    const moved = existsSync(journal) ? statSync(journal).mtimeMs : started;
    if (Date.now() - moved < HANG_MS) return;
    hangs = true;
    child.kill('SIGKILL');
  }, 1000);
  const code = await new Promise<number | string | null>((resolve) => {
    child.on('close', (status, signal) => resolve(status ?? signal));
  });
  clearInterval(watch);
  children++;
  const result = existsSync(`${journal}.json`) ? (JSON.parse(readFileSync(`${journal}.json`, 'utf8')) as Result) : null;
  for (const [outcome, count] of Object.entries(result?.outcomes ?? {})) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  }
  Object.assign(untyped, result?.untyped);
  if (code === 0) return;
  const call = existsSync(journal) ? readFileSync(journal, 'utf8').trim() : 'before the first call';
  const frames = [...errors.matchAll(/#\d+ 0x[0-9a-f]+ in ([^\n]*)/g)]
    .slice(0, 6)
    .map(([, frame]) => `    in ${frame}`);
  const why = errors
    .split('\n')
    .filter((line) => /ERROR: |runtime error|SUMMARY|Error/.test(line))
    .slice(0, 3);
  failures.push(
    [
      `seed ${seed}: ${hangs ? 'hangs' : `ends with ${code}`} at ${call}`,
      ...why.map((line) => `    ${line.trim()}`),
      ...frames,
      `  again: npm run fuzz -- --seed ${seed} --seeds 1 --calls ${options.calls}` +
        `${options.targets === undefined ? '' : ` --targets ${options.targets}`}${options.sanitized ? ' --sanitized' : ''}`,
    ].join('\n'),
  );
  console.log(failures.at(-1));
}

async function worker(): Promise<void> {
  while (Date.now() < end && next < last) await runSeed(next++);
}
await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
rmSync(folder, { recursive: true });
const calls = Object.values(outcomes).reduce((a, b) => a + b, 0);
for (const [what, example] of Object.entries(untyped).sort()) console.log(`untyped: ${what} <= ${example}`);
console.log(JSON.stringify({ children, calls, outcomes, failures: failures.length, sanitized: options.sanitized }));
process.exitCode = failures.length > 0 || calls === 0 ? 1 : 0;
