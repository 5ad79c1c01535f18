import type { Cell } from '../../src/index.js';
import {
  bootstrapInterval,
  type CsvCell,
  formatNumber,
  interquartileMean,
  markdownTable,
  mean,
} from '../../src/report/index.js';
import { ZOO_METHODS, type ZooMethod } from '../cells.js';
import { PUBLISHED } from './published.js';
import type { ZooRun } from './read.js';

/** A line of the table: a method on a task. */
export interface ZooLine {
  readonly method: ZooMethod;
  readonly task: string;
  readonly seeds: number;
  readonly planned: number;
  /** Interquartile mean of the seeds' mean returns, and its 95 % bootstrap interval. */
  readonly score: number;
  readonly interval: readonly [number, number];
  /** The same of Stable-Baselines3 or sb3-contrib. */
  readonly peerSeeds: number;
  readonly peerScore: number;
  readonly peerInterval: readonly [number, number];
  /** Published for the task's version 3; null where nothing was. */
  readonly published: number | null;
  /** Wall clock of a run, mean over seeds. */
  readonly seconds: number;
  readonly peerSeconds: number;
}

/** @param cells all that belong to the table, run or not */
export function zooLines(own: readonly ZooRun[], peers: readonly ZooRun[], cells: readonly Cell[]): ZooLine[] {
  const tasks = [...new Set(cells.map(({ task }) => task))];
  return ZOO_METHODS.flatMap((method) =>
    tasks.map((task): ZooLine => {
      const of = (runs: readonly ZooRun[]) => runs.filter((run) => run.task === task && run.method === method);
      const [ours, theirs] = [of(own), of(peers)];
      const [scores, peerScores] = [ours, theirs].map((runs) => runs.map(({ score }) => score));
      return {
        method,
        task,
        seeds: ours.length,
        planned: cells.filter((cell) => cell.task === task && cell.method === method).length,
        score: interquartileMean(scores),
        interval: bootstrapInterval(scores, interquartileMean),
        peerSeeds: theirs.length,
        peerScore: interquartileMean(peerScores),
        peerInterval: bootstrapInterval(peerScores, interquartileMean),
        published: PUBLISHED[method][task] ?? null,
        seconds: mean(ours.map(({ seconds }) => seconds)),
        peerSeconds: mean(theirs.map(({ seconds }) => seconds)),
      };
    }),
  );
}

/** The interval of fewer runs of the peer's says nothing. */
const FEWEST_SEEDS = 3;

/** How a line stands: `above` the peer's interval, `within` it or `below` it; '' where one side has too few runs. */
export function verdict({ seeds, peerSeeds, score, peerInterval }: ZooLine): 'above' | 'within' | 'below' | '' {
  if (seeds === 0 || peerSeeds < FEWEST_SEEDS) return '';
  if (score > peerInterval[1]) return 'above';
  return score >= peerInterval[0] ? 'within' : 'below';
}

export const TABLE_COLUMNS = [
  'method',
  'task',
  'seeds',
  'IQM',
  '95 % interval',
  'SB3 seeds',
  'SB3 IQM',
  'SB3 95 % interval',
  'against SB3',
  'published (v3)',
  'seconds',
  'SB3 seconds',
] as const;

export function tableCells(line: ZooLine): CsvCell[] {
  const known = (value: number) => (Number.isNaN(value) ? null : value);
  return [
    line.method,
    line.task,
    `${line.seeds} of ${line.planned}`,
    known(line.score),
    range(line.seeds, line.interval),
    line.peerSeeds,
    known(line.peerScore),
    range(line.peerSeeds, line.peerInterval),
    verdict(line),
    line.published,
    known(line.seconds),
    known(line.peerSeconds),
  ];
}

/** Of one seed there is no interval. */
function range(seeds: number, [low, high]: readonly [number, number]): string {
  return seeds > 1 ? `${formatNumber(low)} … ${formatNumber(high)}` : '';
}

export function zooTable(lines: readonly ZooLine[]): string {
  return markdownTable(
    TABLE_COLUMNS,
    lines.map((line) =>
      tableCells(line).map((cell) => (typeof cell === 'number' ? formatNumber(cell) : String(cell ?? ''))),
    ),
  );
}
