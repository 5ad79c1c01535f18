/**
 * One child of the fuzz driver: so many random calls from a seed, each written down before it is made.
 *   node --import tsx --expose-gc test/fuzz/child.ts <seed> <calls> <journal> <until, ms since 1970> [target,…]
 * Exit code 0: all is well; 3: a call never settled; 4: damage that no error told of; anything else: a crash.
 */
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { TrellisError } from '../../src/base/errors.js';
import { describe } from './describe.js';
import { Random } from './random.js';
import type { Target } from './target.js';
import { targets } from './targets.js';
import { Injected, Values } from './values.js';

const [seedText, callsText, journal, untilText, only] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string?,
];
const random = new Random(Number(seedText));
const calls = Number(callsText);
const file = openSync(journal, 'w');
const RECORD = 1024;
const HANG_MS = 240_000;
/** So many calls are made however slow the machine is. */
const LEAST_CALLS = 64;
/** Calls between two comparisons with what an untouched twin gave. */
const VERIFY_EVERY = 500;

function write(text: string): void {
  const bytes = Buffer.alloc(RECORD, ' ');
  bytes.write(text.slice(0, RECORD - 2).replaceAll('\n', ' '));
  bytes[RECORD - 1] = 10;
  writeSync(file, bytes, 0, RECORD, 0);
}

let target: Target | undefined;
let provoking = false;
const values = new Values(random, () => {
  // A getter that provokes may be read while it provokes.
  if (provoking || target === undefined || !random.oneIn(3)) return;
  provoking = true;
  try {
    target.provoke();
  } catch {
    // Closed already.
  } finally {
    provoking = false;
  }
});

const outcomes: Record<string, number> = {};
const untyped: Record<string, string> = {};
const tally = (outcome: string) => {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
};
process.on('unhandledRejection', (error) => note('a rejection that nobody had', error, ''));

function note(what: string, error: unknown, given: string): void {
  const kind = error instanceof TrellisError ? 'typed' : error instanceof Injected ? 'injected' : 'untyped';
  tally(kind);
  if (kind !== 'untyped') return;
  const key = `${what}: ${(error as Error)?.name}: ${String((error as Error)?.message).slice(0, 80)}`;
  untyped[key] ??= `${given} ${((error as Error)?.stack ?? '').split('\n')[1]?.trim() ?? ''}`;
}

function end(code: number, what: string): never {
  write(what);
  writeFileSync(`${journal}.json`, JSON.stringify({ outcomes, untyped, what }));
  process.exit(code);
}

const makers = Object.entries(targets).filter(([name]) => only === undefined || only.split(',').includes(name));
const made: Target[] = [];
for (const [, make] of makers) made.push(await make(values, random));

for (let i = 0; i < calls && (i < LEAST_CALLS || Date.now() < Number(untilText)); i++) {
  target = random.pick(made);
  const { name, arguments: make, run } = random.pick(target.calls);
  values.begin();
  let closed = false;
  let text = '';
  try {
    const given = make();
    text = `#${i} ${target.name}: ${name}(${given.map((value) => describe(value)).join(', ')})`;
    write(text);
    const result: unknown = run(...(given as never[]));
    if (result instanceof Promise) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error('HANG')), HANG_MS);
      });
      try {
        await Promise.race([result, late]);
      } finally {
        clearTimeout(timer);
      }
    }
    tally('returned');
  } catch (error) {
    if ((error as Error)?.message === 'HANG') end(3, `${text} never settled`);
    closed = (error as { code?: string })?.code === 'ERR_CLOSED';
    note(`${target.name}: ${name}`, error, text);
  }
  const damage = values.damage();
  if (damage !== null) end(4, `${text} wrote beside its arguments: ${damage}`);
  if (closed && random.oneIn(2)) await target.remake();
  if (i % VERIFY_EVERY === VERIFY_EVERY - 1) {
    for (const each of made) {
      write(`#${i} verifying ${each.name}`);
      const wrong = await each.verify();
      if (wrong !== null) end(4, `#${i} ${each.name} is damaged: ${wrong}`);
      await each.remake();
    }
    (globalThis as { gc?: () => void }).gc?.();
  }
  if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
}
for (const each of made) each.close();
end(0, 'done');
