import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { budgetedIterations, type Cell, cellStatus, describeStatus, writeAllAtomic } from '../../src/index.js';
import {
  type CsvCell,
  formatCsv,
  formatNumber,
  markdownTable,
  mean,
  readRun,
  tailMean,
} from '../../src/report/index.js';
import { atariVineCells, chosenBy, ROUNDS, START_FOLDER, STUDY_GAMES, STUDY_ITERATIONS } from '../cells/atari-vine.js';

const COLUMNS = [
  'cell',
  'status',
  'score at first',
  'final score',
  'mean KL',
  'full steps',
  'steps refused',
  'entropy',
];
/** Iterations that scores at first and in the end are means of. */
const FEW = 5;

/** Writes atari-vine.csv and README.md: the rule, a table a round, and what has been chosen. @returns the tables */
export async function writeAtariVine(out: string, budget: number): Promise<string> {
  const cells = atariVineCells();
  const rows = cells.map((cell) => row(out, cell, budget));
  const sections = ROUNDS.map(({ name }, round) => {
    const own = rows.filter((_, i) => cells[i].name.startsWith(`${name}/`));
    const lines = own.map((line) => line.map(shown));
    return `## ${name}\n\n${markdownTable(COLUMNS, lines)}\n${verdict(out, cells, round, budget)}`;
  });
  const tables = sections.join('\n');
  await writeAllAtomic(out, { 'atari-vine.csv': formatCsv(COLUMNS, rows), 'README.md': `${RULE}\n${tables}` });
  return tables;
}

function row(out: string, cell: Cell, budget: number): CsvCell[] {
  const status = describeStatus(cellStatus(out, cell, budgetedIterations(cell, budget)));
  const directory = join(out, cell.name);
  if (!existsSync(join(directory, 'progress.csv'))) return [cell.name, status, ...Array(6).fill(null)];
  const { progress } = readRun(directory);
  if (progress.length === 0) return [cell.name, status, ...Array(6).fill(null)];
  const column = (name: string) => progress.map((line) => Number(line[name as keyof typeof line]));
  const returns = column('mean_return');
  const fractions = column('step_fraction');
  const share = (test: (fraction: number) => boolean) => fractions.filter(test).length / fractions.length;
  return [
    cell.name,
    status,
    mean(returns.slice(0, FEW)),
    tailMean(returns, FEW),
    mean(column('mean_kl')),
    share((fraction) => fraction === 1),
    share((fraction) => fraction === 0),
    column('entropy').at(-1)!,
  ];
}

/** What a round and those before it chose; before all of their runs are done, that some are missing. */
function verdict(out: string, cells: readonly Cell[], round: number, budget: number): string {
  const rounds = ROUNDS.slice(0, round + 1).map(({ name }) => `${name}/`);
  const needed = cells.filter(({ name }) => rounds.some((prefix) => name.startsWith(prefix)));
  const statuses = needed.map((cell) => cellStatus(out, cell, budgetedIterations(cell, budget)));
  if (statuses.some(({ state }) => state !== 'done')) return 'No choice yet: runs are missing.\n';
  const chosen = chosenBy(
    statuses.map(({ finalCost }) => finalCost),
    round + 1,
  );
  return `Chosen by the rule: ${ROUNDS[round].key} = ${chosen[ROUNDS[round].key]}.\n`;
}

function shown(value: CsvCell): string {
  return typeof value === 'number' ? formatNumber(value) : String(value ?? '');
}

const RULE = `# Vine on Atari: which of what the paper leaves open

Made by \`trellis reproduce atari-vine\`, called in the repository's root; the same command goes on where it was left. The paper
says "400K simulator steps per iteration" and "about four" actions a state, and no more. Known before: with even first
actions and K = 4 of 18, Eq. 17 is biased once the policy is far from even, and in Pong few states have rollouts of
100 steps whose Q values differ at all.

The rule, written down before any result:

1. Four rounds, each on top of what those before it chose: the estimator (Eq. 17; importance weights; Eq. 16 over all actions
   of fewer states; Eq. 17 with first actions from the policy), the length of rollouts against their number, the steps
   of trunks against those of rollouts, the line search (halving; factor 0.8; accepting 2 δ as the authors' code). Every
   variant takes 400,000 simulator steps an iteration.
2. Each value runs ${STUDY_ITERATIONS} iterations on ${STUDY_GAMES.join(', ')}, from a drawn policy and from a trained one
   (\`${START_FOLDER}\`: vine's after 100 iterations on Pong and Breakout, single path's after 100 on Q*bert). One seed each.
3. On each game and start the values of a round are ranked by the mean score of the last five iterations; the value with the
   best mean rank is chosen, today's where two are even.
4. The choice becomes the preset \`vine\` of all games; what was the preset before stays as one of its own.

Scores: means of the trunks' games over the first and last five iterations. *full steps*, *steps refused*: share of iterations whose line
search took the whole step, or none.
`;
