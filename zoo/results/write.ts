import { join } from 'node:path';
import { writeAllAtomic } from '../../src/index.js';
import { formatCsv, renderSvg, svgToPng } from '../../src/report/index.js';
import { zooCells } from '../cells.js';
import { GAME_STEPS, gameCells } from '../games.js';
import { ZOO_STEPS } from '../recipes.js';
import { curvesChart, efficiencyChart, profileChart } from './figures.js';
import { gamesChart, gamesTable } from './games.js';
import { ownRuns, peerRuns } from './read.js';
import { TABLE_COLUMNS, tableCells, type ZooLine, zooLines, zooTable } from './table.js';

/**
 * Draws what is there: table.csv, curves, profiles and sample efficiency (SVG and PNG), and README.md with all of it.
 * @param out folder of the run directories, of `peers/sb3`, and of what is written
 * @param budget share of the steps that the runs were given
 */
export async function writeZoo(out: string, budget = 1): Promise<ZooLine[]> {
  const cells = zooCells();
  const own = ownRuns(out, cells);
  const peers = peerRuns(join(out, 'peers', 'sb3'));
  const lines = zooLines(own, peers, cells);
  const games = ownRuns(out, gameCells());
  const steps = ZOO_STEPS * budget;
  const charts = {
    curves: curvesChart(own, peers, steps),
    profiles: profileChart(own, peers),
    efficiency: efficiencyChart(own, peers, steps),
    ...(games.length > 0 ? { games: gamesChart(games, GAME_STEPS * budget) } : {}),
  };
  const files: Record<string, string | Uint8Array> = {
    'table.csv': formatCsv(TABLE_COLUMNS, lines.map(tableCells)),
    'README.md': `${page(lines, steps)}${games.length > 0 ? pong(gamesTable(games)) : ''}`,
  };
  for (const [name, chart] of Object.entries(charts)) {
    const svg = await renderSvg(chart);
    files[`${name}.svg`] = svg;
    files[`${name}.png`] = await svgToPng(svg);
  }
  await writeAllAtomic(out, files);
  return lines;
}

function page(lines: readonly ZooLine[], steps: number): string {
  return `# Gymnasium v5 by TRPO and PPO

${steps.toLocaleString('en-US')} steps a run; a score is the mean return of 100 deterministic episodes after training. IQM: interquartile
mean over seeds, with a percentile bootstrap interval. SB3: Stable-Baselines3's PPO and sb3-contrib's TRPO on the same
environments with the hyperparameters of RL Baselines3 Zoo, which the recipes here have, too (\`zoo/peers/sb3.py\`; its
folders in \`peers/sb3\`; its KL divergence is the mean over an action's numbers, so that TRPO's limit and damping are that
many times larger here, where it is that of the whole action). "Published" are returns for the tasks' version 3, which is
older; PPO's are the most of a run while training. Seconds are wall clock of training, of machines that did other things as well: no comparison.

${zooTable(lines)}
![Returns while training](curves.svg)

Bands are 95 % bootstrap intervals of the interquartile mean; dashed is SB3.

![Performance profiles](profiles.svg)
![Sample efficiency](efficiency.svg)

Normalised: in units of TRPO's published return, over the five main tasks, seeds resampled within their tasks.
`;
}

function pong(table: string): string {
  return `
## Pong

\`ALE/Pong-v5\` (sticky actions) by PPO with RL Baselines3 Zoo's settings for Atari, ${GAME_STEPS.toLocaleString('en-US')} decisions of four frames, one
seed: on stacked pictures of 84 × 84 with the network of Mnih et al. 2015, and on the paper's pictures with the paper's
network. The score is the mean return of 100 deterministic episodes after training.

${table}
![Pong](games.svg)
`;
}
