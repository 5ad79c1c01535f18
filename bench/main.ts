/**
 * npm run bench [-- name…] [--save]
 * Runs the benchmarks of this folder, prints a table, and writes JSON to build/bench (with --save: to bench/results).
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Benchmark, formatTable } from './harness.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const notBenchmarks = ['harness.ts', 'main.ts'];
const modules = readdirSync(folder).filter((file) => file.endsWith('.ts') && !notBenchmarks.includes(file));
const known = modules.map((file) => basename(file, '.ts')).sort();
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const unknown = [...wanted.filter((name) => !known.includes(name)), ...flags.filter((flag) => flag !== '--save')];
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; benchmarks are ${known.join(', ')}; the only option is --save`);
  process.exit(2);
}

const output = flags.includes('--save') ? join(folder, 'results') : join(folder, '../build/bench');
mkdirSync(output, { recursive: true });
for (const name of wanted.length > 0 ? wanted : known) {
  const benchmark: Benchmark = await import(new URL(`./${name}.ts`, import.meta.url).href);
  console.log(`\n${benchmark.name}`);
  const before = loadavg()[0];
  const rows = await benchmark.run();
  console.log(formatTable(rows));
  // Load: processes that wanted to run, over the last minute; before, of others alone.
  const load = { before: round(before), after: round(loadavg()[0]) };
  const machine = {
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    node: process.version,
    date: new Date(),
    load,
  };
  writeFileSync(
    join(output, `${name}.json`),
    `${JSON.stringify({ benchmark: benchmark.name, machine, rows }, null, 2)}\n`,
  );
}

function round(load: number): number {
  return Math.round(100 * load) / 100;
}
