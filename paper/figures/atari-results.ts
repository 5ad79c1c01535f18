import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  budgetedIterations,
  type Cell,
  cellStatus,
  commandText,
  describeStatus,
  openSealed,
  RunDirectoryError,
  writeAllAtomic,
} from '../../src/index.js';
import {
  type CsvCell,
  formatCsv,
  formatNumber,
  markdownTable,
  methodCurves,
  panelChart,
  panelGrid,
  readRun,
  renderSvg,
  SPAN,
  svgToPng,
  tailMean,
} from '../../src/report/index.js';
import { ATARI_GAMES, ATARI_METHODS, type AtariTask } from '../cells/atari.js';

/** Titles, the vertical axes of Figure 5 (cost = -score), and the scores of Table 1. */
const GAMES: Record<AtariTask, { title: string; range: readonly [number, number]; published: readonly number[] }> = {
  'beam-rider': { title: 'Beam Rider', range: [-1600, -400], published: [354, 7456, 4092, 5702, 1425.2, 859.5] },
  breakout: { title: 'Breakout', range: [-45, 0], published: [1.2, 31, 168, 380, 10.8, 34.2] },
  enduro: { title: 'Enduro', range: [-600, 100], published: [0, 368, 470, 741, 534.6, 430.8] },
  pong: { title: 'Pong', range: [-30, 30], published: [-20.4, -3, 20, 21, 20.9, 20.9] },
  qbert: { title: 'Q*bert', range: [-8000, 0], published: [157, 18900, 1952, 20025, 1973.5, 7732.5] },
  seaquest: { title: 'Seaquest', range: [-2000, 500], published: [110, 28010, 1705, 2995, 1908.6, 788.4] },
  'space-invaders': { title: 'Space Invaders', range: [-600, -100], published: [179, 3690, 581, 692, 568.4, 450.2] },
};
const PUBLISHED = ['Random', 'Human', 'DQN 2013', 'UCC-I', 'TRPO single path', 'TRPO vine'] as const;

/** Iterations of the "last iterations" average of Table 1. */
const LAST = 10;

/** Scores of fresh episodes with a run's stored policy, as `evaluation.json` beside it keeps them. */
export interface StoredEvaluation {
  /** Iteration of the policy that was evaluated. */
  readonly iteration: number;
  readonly mean_return: number;
  readonly std_return: number;
  readonly returns: readonly number[];
}

/** Draws Figure 5 (a panel a game, cost = -score against policy iterations) as figure5.svg and figure5.png. */
export async function writeFigure5(out: string, cells: readonly Cell[], budget: number): Promise<string> {
  const charts = ATARI_GAMES.map((game) => {
    const group = cells.filter(({ task }) => task === game);
    const points = methodCurves(out, group, (row) => -row.mean_return);
    const { title, range, published } = GAMES[game];
    const iterations = Math.max(2, ...group.map((cell) => budgetedIterations(cell, budget)));
    const levels = published
      .slice(-ATARI_METHODS.length)
      .map((score, i) => ({ method: ATARI_METHODS[i], mean: -score }));
    return panelChart({
      title,
      points,
      iterations,
      range,
      extendUp: true,
      axis: 'cost',
      width: 260,
      height: 190,
      methods: ATARI_METHODS,
      published: levels,
    });
  });
  const svg = await renderSvg(panelGrid(charts, 3, 'one'));
  await writeAllAtomic(out, { 'figure5.svg': svg, 'figure5.png': await svgToPng(svg) });
  return join(out, 'figure5.png');
}

/** What Table 1 has beside the published numbers. */
const OWN_COLUMNS = ['evaluation', 'episodes', 'last iterations', 'million steps', 'status'] as const;

/**
 * Writes Table 1: the published scores and ours, by an evaluation of the last policy and by the mean of the last ten
 * training iterations, with the simulator steps spent. Files table1.csv and README.md.
 * @returns the table in Markdown
 */
export async function writeTable1(out: string, cells: readonly Cell[], budget: number): Promise<string> {
  const columns = ['game', 'method', ...OWN_COLUMNS, ...PUBLISHED.map((name) => `paper: ${name}`)];
  const rows = ATARI_GAMES.flatMap((game) =>
    ATARI_METHODS.flatMap((method) => {
      const cell = cells.find((candidate) => candidate.task === game && candidate.method === method);
      return cell === undefined ? [] : [[game, method, ...ownScores(out, cell, budget), ...GAMES[game].published]];
    }),
  );
  const shown = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : String(cell ?? ''))),
  );
  const table = markdownTable(columns, shown);
  await writeAllAtomic(out, {
    'table1.csv': formatCsv(columns, rows),
    'README.md': page(table, existsSync(join(out, 'figure5.svg'))),
  });
  return table;
}

function ownScores(out: string, cell: Cell, budget: number): CsvCell[] {
  const planned = budgetedIterations(cell, budget);
  const { state, iterations } = cellStatus(out, cell, planned);
  if (state === 'not run') return [null, null, null, null, state];
  const { progress } = readRun(join(out, cell.name));
  const evaluation = readEvaluation(join(out, cell.name));
  const status = [
    state === 'done' && iterations < planned
      ? `done at iteration ${iterations}`
      : describeStatus({ state, iterations }),
    ...(evaluation === null ? ['not evaluated'] : []),
    ...(evaluation !== null && evaluation.iteration < iterations ? [`evaluated at ${evaluation.iteration}`] : []),
  ].join(', ');
  const last = tailMean(
    progress.map((row) => row.mean_return),
    LAST,
  );
  const steps = progress.at(-1)!.simulator_steps / 1e6;
  return [evaluation?.mean_return ?? null, evaluation?.returns.length ?? null, last, steps, status];
}

/** evaluation.json of a run; null where there is none. */
export function readEvaluation(directory: string): StoredEvaluation | null {
  const file = join(directory, 'evaluation.json');
  if (!existsSync(file)) return null;
  try {
    return openSealed(readFileSync(file, 'utf8')) as unknown as StoredEvaluation;
  } catch (cause) {
    throw new RunDirectoryError(`${file} is not readable as JSON: ${(cause as Error).message}`, {
      value: file,
      hint: `Delete it: "${commandText(['reproduce', 'table1'])}" evaluates again`,
      cause,
    });
  }
}

function page(table: string, drawn: boolean): string {
  const picture = drawn
    ? `\n![Figure 5](figure5.svg)\n\nLearning curves, cost = -score, smoothed exponentially (span ${SPAN}); one run a curve,
a dot where it ends. Dashed: what the paper's Table 1 says of each method.\n`
    : '';
  return `# Atari: Table 1 and Figure 5

Made by \`trellis reproduce table1\` and \`trellis reproduce fig5\`. *evaluation*: mean score of fresh episodes with the last
policy. *last iterations*: mean score of the training episodes of the last ${LAST} iterations. The paper trained for 500
iterations: 50 million decisions (single path), 200 million simulator steps (vine); compare *million steps*.
${picture}
${table}`;
}
