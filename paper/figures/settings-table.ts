import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../../src/index.js';
import { formatNumber, markdownTable, mean, type Run, readRun } from '../../src/report/index.js';
import { atariCells } from '../cells/atari.js';
import { figure4Cells } from '../cells/figure4.js';

/** Rows of Table 2 with the paper's values by task, and what the runs that are there show; empty where there is no run. */
const TABLE2: readonly {
  readonly label: string;
  readonly published: readonly string[];
  measure(single: Run | null, vine: Run | null): string;
}[] = [
  {
    label: 'policy parameters',
    published: ['364', '4806', '8206'],
    measure: (single) => text(single?.final?.parameters),
  },
  {
    label: 'simulator steps per iteration',
    published: ['50K', '1M', '1M'],
    measure: (single, vine) => [stepsPerIteration(single), stepsPerIteration(vine)].filter(Boolean).join(' / '),
  },
  { label: 'policy iterations', published: ['200', '200', '200'], measure: iterations },
  {
    label: 'step size (KL)',
    published: ['0.01', '0.01', '0.01'],
    measure: (single) => text(setting(single, 'trustRegion', 'klLimit')),
  },
  {
    label: 'discount',
    published: ['0.99', '0.99', '0.99'],
    measure: (single) => text(setting(single, 'estimator', 'discount')),
  },
  {
    label: 'vine: rollout length',
    published: ['50', '100', '100'],
    measure: (_, vine) => text(setting(vine, 'sampling', 'rolloutLength')),
  },
  {
    label: 'vine: rollouts per state',
    published: ['4', '4', '4'],
    measure: (_, vine) => text(setting(vine, 'sampling', 'actionsPerState')),
  },
  {
    label: 'vine: Q-values per batch (states × rollouts)',
    published: ['500', '2500', '2500'],
    measure: (_, vine) => {
      const factors = ['rolloutStates', 'actionsPerState'].map((name) => text(setting(vine, 'sampling', name)));
      return factors.filter(Boolean).join(' × ');
    },
  },
  {
    label: 'vine: trunks at a time',
    published: ['', '', ''],
    measure: (_, vine) => text(setting(vine, 'sampling', 'trunks')),
  },
  { label: 'vine: trunks run', published: ['16', '16', '16'], measure: (_, vine) => paths(vine) },
  { label: 'vine: steps of a trunk', published: ['1000', '1000', '1000'], measure: (_, vine) => lengths(vine) },
  { label: 'vine: computation time (min)', published: ['2', '14', '40'], measure: (_, vine) => minutes(vine) },
  { label: 'single path: number of paths', published: ['50', '1000', '10000'], measure: (single) => paths(single) },
  {
    label: 'single path: steps of a path',
    published: ['1000', '1000', '1000'],
    measure: (single) => lengths(single),
  },
  { label: 'single path: computation time (min)', published: ['5', '35', '100'], measure: (single) => minutes(single) },
];
const TASKS = ['swimmer', 'hopper', 'walker'] as const;

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
  const rows = TABLE2.map(({ label, published, measure }) => [
    label,
    ...published.flatMap((value, t) => [value, measure(runs[t][0], runs[t][1])]),
  ]);
  return `## Settings and timings beside Table 2

Of the first seed's runs. Two numbers: single path / vine. Paths, trunks and their lengths: mean over the iterations (first,
last). A budget of steps decides how many there are: while the robot falls early they are many and short. Times are those of
the iterations that were run.

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
    ['policy iterations', '500', iterations(single, vine)],
    ['vine: rollouts per state', '≈ 4', text(setting(vine, 'sampling', 'actionsPerState'))],
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

/** Iterations that have run, of those planned where that is more. */
function iterations(single: Run | null, vine: Run | null): string {
  const done = [single, vine].flatMap((run) => {
    if (run === null) return [];
    const planned = run.plannedIterations ?? 0;
    return [run.progress.length < planned ? `${run.progress.length} of ${planned}` : String(run.progress.length)];
  });
  return done.join(' / ');
}

/** Paths or trunks of an iteration. */
function paths(run: Run | null): string {
  return overIterations(run, ({ episodes }) => episodes);
}

function lengths(run: Run | null): string {
  return overIterations(run, (row) => row.mean_length);
}

function overIterations(run: Run | null, figure: (row: Run['progress'][number]) => number): string {
  if (run === null || run.progress.length === 0) return '';
  const values = run.progress.map(figure);
  const [first, last] = [values[0], values.at(-1)!].map((value) => formatNumber(Math.round(value)));
  const all = formatNumber(Math.round(mean(values)));
  return first === last && all === first ? first : `${all} (${first}, ${last})`;
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
