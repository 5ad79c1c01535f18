import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { budgetedIterations, type Cell, cellStatus, describeStatus, writeAllAtomic } from '../../src/index.js';
import { type CsvCell, formatCsv, formatNumber, markdownTable, mean, readRun } from '../../src/report/index.js';
import {
  AXIS_ENDS,
  CHEAP_ITERATIONS,
  firstStage,
  hypotheses,
  nearest,
  penaltySweeps,
  predictedCosts,
  ROBOTS,
  type Robot,
  secondStage,
} from '../cells/calibration.js';
import type { Gait } from './gait.js';

const COLUMNS = [
  'cell',
  'status',
  'final cost',
  'predicted',
  'distance',
  'speed, m/s',
  'steps on the ground',
  'length',
];

/** A walker that touches the ground less often flies. */
const LEAST_GROUND = 0.5;

/** The gait that was measured of a finished run. */
export function readGait(directory: string): Gait | null {
  const file = join(directory, 'gait.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Gait) : null;
}

/** Writes calibration.csv and README.md (the rule, and a table of all that has run). @returns the page's tables */
export async function writeCalibration(out: string, budget: number): Promise<string> {
  const first = ROBOTS.map((robot) => firstRows(out, robot, budget));
  const second = ROBOTS.map((robot) => secondRows(out, robot, budget));
  const others = [...hypotheses(), ...penaltySweeps()].map((cell) => row(out, cell, budget));
  const table = (rows: readonly CsvCell[][]) =>
    markdownTable(
      COLUMNS,
      rows.map((line) => line.map(shown)),
    );
  const tables = [
    ...ROBOTS.map((robot, i) => `## First stage: ${robot}\n\n${table(first[i])}`),
    ...ROBOTS.map((robot, i) => `## Second stage: ${robot}\n\n${table(second[i])}\n${verdict(robot, second[i])}`),
    `## Small trials\n\n${table(others)}`,
  ].join('\n');
  await writeAllAtomic(out, {
    'calibration.csv': formatCsv(COLUMNS, [...first, ...second, others].flat()),
    'README.md': `${RULE}\n${tables}`,
  });
  return tables;
}

function row(out: string, cell: Cell, budget: number): CsvCell[] {
  const status = cellStatus(out, cell, budgetedIterations(cell, budget));
  const gait = readGait(join(out, cell.name));
  const cost = status.state === 'not run' ? null : status.finalCost;
  const figures = [gait?.speed ?? null, gait?.on_ground ?? null, gait?.length ?? null];
  return [cell.name, describeStatus(status), cost, null, null, ...figures];
}

/** Predictions once the whole grid has run. */
function firstRows(out: string, robot: Robot, budget: number): CsvCell[][] {
  const cells = firstStage(robot);
  const rows = cells.map((cell) => row(out, cell, budget));
  if (!rows.every(([, status]) => status === 'done')) return rows;
  const costs = rows.map((line) => Number(line[2]));
  const predicted = predictedCosts(robot, costs);
  for (const [i, line] of rows.entries()) {
    line[3] = predicted[i];
    line[4] = Math.abs(predicted[i] - AXIS_ENDS[robot]);
  }
  return nearest(robot, costs).map((i) => rows[i]);
}

function secondRows(out: string, robot: Robot, budget: number): CsvCell[][] {
  return secondStage(robot).map((cell) => {
    const line = row(out, cell, budget);
    if (line[1] === 'done') line[4] = Math.abs(Number(line[2]) - AXIS_ENDS[robot]);
    const settings = environmentOf(join(out, cell.name));
    return settings === '' ? line : [`${line[0]}: ${settings}`, ...line.slice(1)];
  });
}

function environmentOf(directory: string): string {
  if (!existsSync(join(directory, 'progress.csv'))) return '';
  const { settings } = readRun(directory).config.environment as { settings: Record<string, unknown> };
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** The choice by the rule; before all has run, what is missing. */
function verdict(robot: Robot, rows: readonly CsvCell[][]): string {
  if (!rows.every(([, status]) => status === 'done')) return 'No choice yet: runs are missing.\n';
  const groups = new Map<string, { costs: number[]; ground: number[] }>();
  for (const line of rows) {
    const settings = String(line[0]).split(': ')[1];
    const group = groups.get(settings) ?? { costs: [], ground: [] };
    groups.set(settings, group);
    group.costs.push(Number(line[2]));
    group.ground.push(Number(line[6] ?? Number.NaN));
  }
  const ranked = [...groups].map(([settings, { costs, ground }]) => {
    return { settings, cost: mean(costs), ground: mean(ground) };
  });
  ranked.sort((a, b) => Math.abs(a.cost - AXIS_ENDS[robot]) - Math.abs(b.cost - AXIS_ENDS[robot]));
  const walking = robot === 'walker' ? ranked.find(({ ground }) => ground >= LEAST_GROUND) : ranked[0];
  const { settings, cost, ground } = walking ?? ranked[0];
  const feet = walking === undefined ? ', though none of them touches the ground in half of the steps' : '';
  const passed = walking !== undefined && walking !== ranked[0] ? '; nearer ones fly' : '';
  const share = formatNumber(ground);
  return `By the rule: ${settings}, mean final cost ${formatNumber(cost)}, on the ground ${share} of the steps${passed}${feet}.\n`;
}

function shown(value: CsvCell | undefined): string {
  return typeof value === 'number' ? formatNumber(value) : String(value ?? '');
}

const RULE = `# Which hopper and walker come near the paper's

Made by \`trellis reproduce calibration\`; the same command goes on where it was left. Nobody wrote down armature, damping,
the hopper's start or the coefficient of the walker's impact penalty. Today's were chosen for speed, and the robots run
faster than the paper's: its axes end at a cost of ${AXIS_ENDS.hopper} (hopper) and ${AXIS_ENDS.walker} (walker). This is the rule by which
others are chosen, written down before any result:

1. Only single path is looked at.
2. First stage, cheap: the whole grid, seed 1, ${CHEAP_ITERATIONS} iterations of 30,000 steps, everything else as Table 2's preset but for
   γ = 0.98 on the hopper (with 0.99 a seed may stand for good, whatever the model). Hopper: six pairs of armature and
   damping × three starts (upright; in mid-hop and forward at 1 m/s; flexed and forward at 1 m/s). Walker: six pairs ×
   impact costs 1e-6, 3e-6, 1e-5, 3e-5; its start is known.
3. A cheap run says how far a setting would get in full length in proportion to today's settings: predicted cost = -1 +
   (cost + 1) r, where r makes the prediction for today's settings what they ended at in full length (hopper -2.51, the mean
   of the seeds that move; walker -6.00). Where today's cheap run does not move (above -1.05), r = 1.
4. Second stage: the three settings whose predicted cost is nearest to the axis' end, with Table 2's batch, γ and 200
   iterations, seeds 1 and 2. The setting whose mean final cost is nearest to the axis' end is chosen. If the walker's
   gait there touches the ground in less than half of the steps, the next nearest with at least half is taken and this is
   said.
5. Final cost: mean of the last five iterations. Speed and the share of steps in which the ground pushes: 20 fresh
   episodes with drawn actions.

Every line is one seed.
`;
