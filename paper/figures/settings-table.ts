import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../../src/index.js';
import { formatNumber, markdownTable, mean, type Run, readRun } from '../../src/report/index.js';
import { atariCells } from '../cells/atari.js';
import { figure4Cells } from '../cells/figure4.js';

/** A row of Tables 2 and 3 with the paper's values by column. */
type Published = readonly [label: string, ...values: string[]];

const TABLE2: readonly Published[] = [
  ['policy parameters', '364', '4806', '8206'],
  ['simulator steps per iteration', '50K', '1M', '1M'],
  ['policy iterations', '200', '200', '200'],
  ['step size (KL)', '0.01', '0.01', '0.01'],
  ['discount', '0.99', '0.99', '0.99'],
  ['vine: trunks', '16', '16', '16'],
  ['vine: rollouts per state', '4', '4', '4'],
  ['vine: rollout length', '50', '100', '100'],
  ['vine: Q-values per batch (states × rollouts)', '500', '2500', '2500'],
  ['vine: computation time (min)', '2', '14', '40'],
  ['single path: computation time (min)', '5', '35', '100'],
];
const TASKS = ['swimmer', 'hopper', 'walker'] as const;

/** What the runs that are there show for a row of Table 2; empty where there is no run. */
const MEASURES: readonly ((single: Run | null, vine: Run | null) => string)[] = [
  (single) => text(single?.final?.parameters),
  (single, vine) => [stepsPerIteration(single), stepsPerIteration(vine)].filter(Boolean).join(' / '),
  (single) => text(single?.config.iterations),
  (single) => text(setting(single, 'trustRegion', 'klLimit')),
  (single) => text(setting(single, 'estimator', 'discount')),
  (_, vine) => text(setting(vine, 'sampling', 'trunks')),
  (_, vine) => text(setting(vine, 'sampling', 'actionsPerState')),
  (_, vine) => text(setting(vine, 'sampling', 'rolloutLength')),
  (_, vine) => {
    const factors = ['rolloutStates', 'actionsPerState'].map((name) => text(setting(vine, 'sampling', name)));
    return factors.filter(Boolean).join(' × ');
  },
  (_, vine) => minutes(vine),
  (single) => minutes(single),
];

/**
 * Settings and measured timings beside the paper's Tables 2 and 3, in Markdown, from finished or partial runs.
 * @param figure4 folder of Figure 4's run directories
 * @param atari folder of the Atari run directories
 */
export function settingsTables(figure4: string, atari: string): string {
  const runs = TASKS.map((task) =>
    ['single-path', 'vine'].map((method) => findRun(figure4, figure4Cells(), task, method)),
  );
  const columns = ['', ...TASKS.flatMap((task) => [`${task}: paper`, `${task}: here`])];
  const rows = TABLE2.map(([label, ...published], i) => [
    label,
    ...published.flatMap((value, t) => [value, MEASURES[i](runs[t][0], runs[t][1])]),
  ]);
  return `## Settings and timings beside Table 2

Two numbers of steps: single path / vine. Times are those of the iterations that were run.

${markdownTable(columns, rows)}
## Settings and timings beside Table 3

${markdownTable(['', 'paper', 'here'], table3(atari))}`;
}

function table3(atari: string): string[][] {
  const single = findRun(atari, atariCells(), 'pong', 'single-path');
  const vine = findRun(atari, atariCells(), 'pong', 'vine');
  return [
    ['policy parameters', '33500', text(single?.final?.parameters)],
    ['vine: simulator steps per iteration', '400K', stepsPerIteration(vine)],
    ['single path: simulator steps per iteration', '100K', stepsPerIteration(single)],
    ['policy iterations', '500', text(single?.config.iterations)],
    ['step size (KL)', '0.01', text(setting(single, 'trustRegion', 'klLimit'))],
    ['discount', '0.99', text(setting(single, 'estimator', 'discount'))],
    ['vine: computation time', '30 h (16 cores)', minutes(vine)],
    ['single path: computation time', '30 h (16 cores)', minutes(single)],
  ];
}

/** The first seed's run of a method on a task. */
function findRun(out: string, cells: readonly Cell[], task: string, method: string): Run | null {
  const cell = cells.find(
    (c) => c.task === task && c.method === method && existsSync(join(out, c.name, 'progress.csv')),
  );
  return cell === undefined ? null : readRun(join(out, cell.name));
}

function stepsPerIteration(run: Run | null): string {
  if (run === null || run.progress.length === 0) return '';
  return formatNumber(run.progress.at(-1)!.simulator_steps / run.progress.length);
}

function minutes(run: Run | null): string {
  if (run === null || run.progress.length === 0) return '';
  const seconds = run.progress.map((row) => row.seconds_sampling + row.seconds_update);
  return `${formatNumber((mean(seconds) * seconds.length) / 60)} min for ${seconds.length} iterations`;
}

function setting(run: Run | null, group: string, name: string): unknown {
  const options = run?.config.options as Record<string, Record<string, unknown>> | undefined;
  return options?.[group]?.[name];
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
