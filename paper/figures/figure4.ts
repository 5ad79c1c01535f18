import {
  budgetedIterations,
  type Cell,
  type CellStatus,
  cellStatus,
  describeStatus,
  writeAllAtomic,
} from '../../src/index.js';
import {
  bootstrapInterval,
  type CsvCell,
  formatCsv,
  formatNumber,
  interquartileMean,
  markdownTable,
  mean,
  methodCurves,
  panelChart,
  panelGrid,
  renderSvg,
  SPAN,
  svgToPng,
} from '../../src/report/index.js';
import { FIGURE4_METHODS, FIGURE4_TASKS, type Figure4Task } from '../cells/figure4.js';

/** Axis of each panel: the paper's range of costs, as far as it can be read off. */
const PANELS: Record<Figure4Task, { title: string; range: readonly [number, number] }> = {
  cartpole: { title: 'Cartpole', range: [-10, 0] },
  swimmer: { title: 'Swimmer', range: [-0.15, 0.1] },
  hopper: { title: 'Hopper', range: [-2.5, 1] },
  walker: { title: 'Walker', range: [-3.5, 1] },
};

const TABLE_COLUMNS = [
  'task',
  'method',
  'seeds',
  'final cost',
  'interquartile mean',
  '95 % interval',
  'status',
] as const;

/** A line of the table: a method on a task over its seeds. */
export interface Figure4Line {
  readonly task: string;
  readonly method: string;
  /** Seeds with at least one iteration, of so many. */
  readonly seeds: number;
  readonly planned: number;
  /** Mean over seeds of the mean cost per step of the last five iterations. */
  readonly finalCost: number;
  readonly interquartileMean: number;
  /** 95 % bootstrap interval of the interquartile mean over seeds. */
  readonly interval: readonly [number, number];
  /** "done", or how far each seed that is not done got. */
  readonly status: string;
}

/** Final costs and status of every method of every task. */
export function figure4Lines(out: string, cells: readonly Cell[], budget: number): Figure4Line[] {
  return FIGURE4_TASKS.flatMap((task) =>
    FIGURE4_METHODS.flatMap((method) => {
      const group = cells.filter((cell) => cell.task === task && cell.method === method);
      if (group.length === 0) return [];
      const statuses = group.map((cell) => cellStatus(out, cell, budgetedIterations(cell, budget)));
      const costs = statuses.filter(({ iterations }) => iterations > 0).map(({ finalCost }) => finalCost);
      const open = openSeeds(group, statuses);
      const unrun = statuses.every(({ state }) => state === 'not run');
      if (unrun && group.every(({ optional }) => optional)) return [];
      const line: Figure4Line = {
        task,
        method,
        seeds: costs.length,
        planned: group.length,
        finalCost: mean(costs),
        interquartileMean: interquartileMean(costs),
        interval: bootstrapInterval(costs, interquartileMean),
        status: open === '' ? 'done' : unrun ? 'not run' : open,
      };
      return [line];
    }),
  );
}

/** The seeds that are not done, those in the same state together: "seed 1 partial at iteration 7; seeds 2, 3 not run". */
function openSeeds(group: readonly Cell[], statuses: readonly CellStatus[]): string {
  const states = new Map<string, number[]>();
  group.forEach(({ seed }, i) => {
    if (statuses[i].state === 'done') return;
    const state = describeStatus(statuses[i]);
    states.set(state, [...(states.get(state) ?? []), seed]);
  });
  return [...states].map(([state, list]) => `seed${list.length > 1 ? 's' : ''} ${list.join(', ')} ${state}`).join('; ');
}

/**
 * Draws Figure 4 from the run directories that are there: figure4.svg, figure4.png, figure4.csv (a line a method and
 * task), cells.csv (a line a cell) and README.md (figure and table).
 * @param out folder of the run directories, and of what is written
 * @param cells all that belong to the figure, drawn or not
 * @returns the table's lines
 */
export async function writeFigure4(out: string, cells: readonly Cell[], budget = 1): Promise<Figure4Line[]> {
  const panels = FIGURE4_TASKS.map((task) => {
    const group = cells.filter((cell) => cell.task === task && !cell.name.includes('/'));
    const points = methodCurves(out, group, (row) => row.mean_cost_per_step);
    const { title, range } = PANELS[task];
    const axis = task === 'cartpole' ? 'cost' : 'cost (-velocity + ctrl)';
    const iterations = Math.max(2, ...group.map((cell) => budgetedIterations(cell, budget)));
    return panelChart({ title, points, iterations, range, axis, width: 330, height: 250 });
  });
  const svg = await renderSvg(panelGrid(panels, 2));
  const lines = figure4Lines(
    out,
    cells.filter(({ name }) => !name.includes('/')),
    budget,
  );
  await writeAllAtomic(out, {
    'figure4.svg': svg,
    'figure4.png': await svgToPng(svg),
    'figure4.csv': formatCsv(TABLE_COLUMNS, lines.map(csvLine)),
    'cells.csv': formatCsv(['cell', 'iterations', 'of', 'final cost', 'status'], cellLines(out, cells, budget)),
    'README.md': page(lines, budget),
  });
  return lines;
}

/** The table in Markdown. */
export function figure4Table(lines: readonly Figure4Line[]): string {
  return markdownTable(
    TABLE_COLUMNS,
    lines.map((line) =>
      csvLine(line).map((cell) => (typeof cell === 'number' ? formatNumber(cell) : String(cell ?? ''))),
    ),
  );
}

function csvLine({ task, method, seeds, planned, finalCost, interval, status, ...line }: Figure4Line): CsvCell[] {
  const range = seeds > 1 ? `${formatNumber(interval[0])} … ${formatNumber(interval[1])}` : '';
  return [task, method, `${seeds} of ${planned}`, finalCost, line.interquartileMean, range, status];
}

function cellLines(out: string, cells: readonly Cell[], budget: number): CsvCell[][] {
  const all = [...new Set(cells.flatMap((cell) => [...(cell.choice?.among ?? []), cell]))];
  return all.map((cell) => {
    const total = budgetedIterations(cell, budget);
    const status = cellStatus(out, cell, total);
    const cost = Number.isNaN(status.finalCost) ? null : status.finalCost;
    return [cell.name, status.iterations, total, cost, describeStatus(status)];
  });
}

function page(lines: readonly Figure4Line[], budget: number): string {
  const share = budget === 1 ? '' : ` --budget ${budget}`;
  return `# Figure 4

Made by \`trellis reproduce fig4${share}\`: average cost per nominal time step (cost = -reward; steps after the end of an
episode count 0) against policy iterations. Curves are means over the seeds that got that far, each smoothed exponentially (span ${SPAN}) as in
the original plots; bands are one standard deviation to either side. The vertical axes show the paper's ranges, extended
downwards where a curve goes further.

![Figure 4](figure4.svg)

Final cost: mean of the last five iterations, mean over seeds; interval: 95 % bootstrap of the interquartile mean.

${figure4Table(lines)}`;
}
