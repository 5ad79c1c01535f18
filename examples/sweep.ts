/**
 * A sweep: every combination of some settings with some seeds, each trained in a process of its own, and one report of all.
 * Started again it goes on where it stopped; a finished run is not trained again.
 *
 *   node examples/sweep.ts --set trustRegion.klLimit=0.003,0.03 --set policy.hidden=[],[16] --seeds 3     (Node 22.18 or newer)
 *   node examples/sweep.ts --import ./examples/ppo.ts --experiment ppo-hopper --method my-ppo --set clip=0.1,0.2,0.3 --jobs 4
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Cell, cellStatus, FINAL_ITERATIONS, readRun, runCells, writeReport } from 'trellis-rl';
import { bootstrapInterval, formatNumber, interquartileMean, markdownTable, tailMean } from 'trellis-rl/report';

/** Settings and the values to try of each: `trustRegion.klLimit` → `0.003`, `0.03`. */
export type Grid = ReadonlyMap<string, readonly string[]>;

export interface SweepPlan {
  readonly experiment: string;
  readonly method: string;
  readonly iterations: number;
  readonly seeds: number;
  readonly grid: Grid;
}

/** Settings of each combination: `['trustRegion.klLimit=0.003', 'policy.hidden=[]']`, … */
export function combinations(grid: Grid): string[][] {
  let all: string[][] = [[]];
  for (const [key, values] of grid) all = all.flatMap((one) => values.map((value) => [...one, `${key}=${value}`]));
  return all;
}

/** The runs of a plan, those of one combination one after the other. */
export function planCells({ experiment, method, iterations, seeds, grid }: SweepPlan): Cell[] {
  return combinations(grid).flatMap((settings) =>
    Array.from({ length: seeds }, (_, i) => {
      const name = [experiment, method, ...settings, `seed${i + 1}`].join('-').replace(/[^\w.=-]+/g, '_');
      return { name, task: experiment, method, seed: i + 1, iterations, settings };
    }),
  );
}

/** A row for each combination: interquartile mean of the last returns over the seeds, and a bootstrap interval. */
export function summarize(out: string, cells: readonly Cell[]): string {
  const rows = [...new Set(cells.map(({ settings }) => settings.join(' ')))].map((settings) => {
    const group = cells.filter((cell) => cell.settings.join(' ') === settings);
    const done = group.filter((cell) => cellStatus(out, cell, cell.iterations).state === 'done');
    const returns = done.map(({ name }) => {
      const { progress } = readRun(join(out, name));
      return tailMean(
        progress.map((row) => row['mean_return'] ?? Number.NaN),
        FINAL_ITERATIONS,
      );
    });
    const [low, high] = bootstrapInterval(returns, interquartileMean);
    const interval = `${formatNumber(low)} … ${formatNumber(high)}`;
    return [settings, `${done.length}/${group.length}`, formatNumber(interquartileMean(returns)), interval];
  });
  return markdownTable(['settings', 'runs', 'return', '95 % interval'], rows);
}

/** `key=a,b`; commas within brackets are part of a value. */
function parseGrid(words: readonly string[]): Grid {
  return new Map(
    words.map((word) => {
      const [, key, values] = /^([^=]+)=(.+)$/.exec(word) ?? [];
      if (key === undefined || values === undefined) throw new Error(`--set ${word}: expected key=value,value…`);
      return [key, values.split(/,(?![^[]*\])/)];
    }),
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      experiment: { type: 'string', default: 'cartpole' },
      method: { type: 'string', default: 'single-path' },
      iterations: { type: 'string', default: '30' },
      seeds: { type: 'string', default: '3' },
      set: { type: 'string', multiple: true, default: [] },
      import: { type: 'string', multiple: true, default: [] },
      jobs: { type: 'string', default: '2' },
      out: { type: 'string', default: 'sweep' },
    },
  });
  const { experiment, method, out } = values;
  const [iterations, seeds, jobs] = [values.iterations, values.seeds, values.jobs].map(Number) as [
    number,
    number,
    number,
  ];
  const cells = planCells({ experiment, method, iterations, seeds, grid: parseGrid(values.set) });
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const failed = await runCells(cells, {
    out,
    jobs,
    threads: 1,
    budget: 1,
    imports: values.import,
    signal: stop.signal,
    onEvent({ cell, kind, message = '' }) {
      if (kind !== 'iteration') console.log(`${kind.padEnd(6)} ${cell.name} ${message}`);
    },
  });
  const done = cells.filter((cell) => !failed.includes(cell));
  if (done.length > 0) {
    const { html } = await writeReport(
      done.map(({ name }) => join(out, name)),
      join(out, 'report'),
    );
    console.log(`\n${summarize(out, cells)}\ncurves: ${html}`);
  }
  if (failed.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
