import { formatNumber, markdownTable, panelGrid, type TopLevelSpec } from '../../src/report/index.js';
import { gridCurve } from './curves.js';
import { atGrid, type Look, panel } from './figures.js';
import type { ZooRun } from './read.js';

const LOOKS: Readonly<Record<string, Look>> = {
  ppo: { label: '84 × 84, Mnih et al. 2015', color: '#0072b2', dash: [] },
  'ppo/paper-network': { label: "52 × 40, the paper's network", color: '#d55e00', dash: [] },
};

/** Score and time of each run. */
export function gamesTable(runs: readonly ZooRun[]): string {
  const lines = runs.map(({ task, method, score, seconds }) => {
    return [task, LOOKS[method].label, formatNumber(score), formatNumber(seconds / 3600)];
  });
  return markdownTable(['task', 'pictures and network', 'score', 'hours of training'], lines);
}

/** Returns while training, a run a line. @param steps of a whole run */
export function gamesChart(runs: readonly ZooRun[], steps: number): TopLevelSpec {
  const points = runs.flatMap(({ method, curve }) => atGrid(LOOKS[method].label, [[gridCurve(curve, steps)]], steps));
  const all = Object.values(LOOKS);
  return panelGrid([panel({ title: 'pong-v5', points, all, x: 'decisions', y: 'return while training' })], 1, 'one');
}
