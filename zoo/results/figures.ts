import {
  interquartileMean,
  panelGrid,
  performanceProfile,
  quantile,
  stratifiedInterval,
  type TopLevelSpec,
} from '../../src/report/index.js';
import { ZOO_MAIN, ZOO_METHODS, type ZooMethod } from '../cells.js';
import { GRID, gridCurve } from './curves.js';
import { normalisedScore } from './published.js';
import { byTask, type ZooRun } from './read.js';

/** How a line looks. */
export interface Look {
  readonly label: string;
  readonly color: string;
  readonly dash: readonly number[];
}

/** What is drawn as one line: a method of one library. */
interface Series extends Look {
  readonly method: ZooMethod;
  readonly runs: readonly ZooRun[];
}

interface Point {
  readonly label: string;
  readonly x: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const LOOKS: Readonly<Record<ZooMethod, { own: string; peer: string; color: string }>> = {
  'trpo-gae': { own: 'TRPO', peer: 'TRPO, sb3-contrib', color: '#0072b2' },
  ppo: { own: 'PPO', peer: 'PPO, Stable-Baselines3', color: '#d55e00' },
};

function seriesOf(own: readonly ZooRun[], peers: readonly ZooRun[]): Series[] {
  return ZOO_METHODS.flatMap((method) => {
    const { own: label, peer, color } = LOOKS[method];
    return [
      { label, color, dash: [], method, runs: own },
      { label: peer, color, dash: [5, 3], method, runs: peers },
    ];
  });
}

/** Resamples of a point of a curve: bands are for the eye. */
const BAND = { resamples: 200 };

/** Interquartile means of the returns while training, a panel a task, bands of 95 % bootstrap intervals. */
export function curvesChart(own: readonly ZooRun[], peers: readonly ZooRun[], steps: number): TopLevelSpec {
  const all = seriesOf(own, peers);
  const panels = ZOO_MAIN.map((task) => {
    const points = all.flatMap(({ label, method, runs }) => {
      const curves = byTask(runs, method, [task])[0].map(({ curve }) => gridCurve(curve, steps));
      return atGrid(label, [curves], steps);
    });
    return panel({ title: task, points, all, x: 'steps', y: 'return while training' });
  });
  return panelGrid(panels, 2, 'one');
}

/** The same over all main tasks, in units of TRPO's published returns. */
export function efficiencyChart(own: readonly ZooRun[], peers: readonly ZooRun[], steps: number): TopLevelSpec {
  const all = seriesOf(own, peers);
  const points = all.flatMap(({ label, method, runs }) => {
    const strata = byTask(runs, method, ZOO_MAIN).map((group) =>
      group.map(({ task, curve }) => gridCurve(curve, steps).map((value) => normalisedScore(task, value))),
    );
    return strata.every(({ length }) => length > 0) ? atGrid(label, strata, steps) : [];
  });
  return panelGrid([panel({ title: 'sample efficiency', points, all, x: 'steps', y: 'normalised return' })], 1, 'one');
}

/** Points of a line: at each number of steps over the runs that got there. @param strata curves by task */
export function atGrid(label: string, strata: readonly (readonly (readonly number[])[])[], steps: number): Point[] {
  return Array.from({ length: GRID }, (_, k) => {
    const scores = strata.map((curves) => curves.map((curve) => curve[k]).filter((value) => Number.isFinite(value)));
    const statistic = (groups: readonly (readonly number[])[]) => interquartileMean(groups.flat());
    const [low, high] = stratifiedInterval(scores, statistic, BAND);
    return { label, x: ((k + 1) * steps) / GRID, value: statistic(scores), low, high };
  }).filter(({ value }) => Number.isFinite(value));
}

const THRESHOLDS = Array.from({ length: 61 }, (_, i) => i / 40);

/** Shares of runs above a score, over all main tasks, with 95 % bands from runs resampled within their tasks. */
export function profileChart(own: readonly ZooRun[], peers: readonly ZooRun[]): TopLevelSpec {
  const all = seriesOf(own, peers);
  const points = all.flatMap(({ label, method, runs }) => {
    const strata = byTask(runs, method, ZOO_MAIN).map((group) =>
      group.map(({ task, score }) => normalisedScore(task, score)),
    );
    if (strata.every(({ length }) => length === 0)) return [];
    const profile = performanceProfile(strata, THRESHOLDS);
    return THRESHOLDS.map((threshold, i): Point => {
      const share = (groups: readonly (readonly number[])[]) => performanceProfile(groups, [threshold])[0];
      const [low, high] = stratifiedInterval(strata, share, BAND);
      return { label, x: threshold, value: profile[i], low, high };
    });
  });
  return panelGrid(
    [panel({ title: 'performance profile', points, all, x: 'normalised score τ', y: 'share of runs above τ' })],
    1,
    'one',
  );
}

interface PanelParts {
  readonly title: string;
  readonly points: readonly Point[];
  readonly all: readonly Look[];
  readonly x: string;
  readonly y: string;
}

export function panel({ title, points, all, x, y }: PanelParts): object {
  const domain = all.map(({ label }) => label);
  const color = { field: 'label', type: 'nominal', title: null, scale: { domain, range: all.map((s) => s.color) } };
  const dash = { field: 'label', type: 'nominal', title: null, scale: { domain, range: all.map((s) => s.dash) } };
  // One wild resample must not squeeze the curves.
  const values = points.flatMap(({ value, low, high }) => [value, low, high]).sort((a, b) => a - b);
  const range = values.length > 1 ? [quantile(values, 0.01), quantile(values, 0.99)] : [0, 1];
  const across = { field: 'x', type: 'quantitative', title: x, axis: { format: '~s' } };
  const up = (field: string) => ({
    field,
    type: 'quantitative',
    title: y,
    scale: { domain: range, nice: true, zero: false },
  });
  const legend = { orient: 'bottom', columns: 2 };
  return {
    width: 330,
    height: 230,
    title,
    data: { values: points },
    layer: [
      {
        mark: { type: 'area', opacity: 0.15, clip: true },
        encoding: { x: across, y: up('low'), y2: { field: 'high' }, color },
      },
      {
        mark: { type: 'line', clip: true },
        encoding: { x: across, y: up('value'), color: { ...color, legend }, strokeDash: { ...dash, legend } },
      },
    ],
  };
}
