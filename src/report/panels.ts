import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../train/cells.js';
import { CHART_CONFIG, type TopLevelSpec } from './chart.js';
import { type ProgressRow, type Run, readRun } from './run.js';
import { mean, smooth, standardDeviation } from './statistics.js';

/** Methods in the order of the paper's legends, with their names there and their colours here. */
const METHODS: Readonly<Record<string, { readonly label: string; readonly color: string }>> = {
  vine: { label: 'Vine', color: '#d62728' },
  'vine/growing': { label: 'Vine, growing', color: '#f4a6a6' },
  'single-path': { label: 'Single Path', color: '#1f3fbf' },
  'single-path/growing': { label: 'Single Path, growing', color: '#a3b8f5' },
  'natural-gradient': { label: 'Natural Gradient', color: '#2ca02c' },
  'max-kl': { label: 'Max KL', color: '#17becf' },
  'empirical-fim': { label: 'Empirical FIM', color: '#9467bd' },
  cem: { label: 'CEM', color: '#ff7f0e' },
  'cma-es': { label: 'CMA', color: '#8c564b' },
  rwr: { label: 'RWR', color: '#555555' },
  reps: { label: 'REPS', color: '#e377c2' },
};

/** Smoothing of the drawn curves, as in the original's plots; tables use the raw figures. */
export const SPAN = 10;

/** A point of a curve: mean over seeds, and a standard deviation to either side. */
export interface CurvePoint {
  readonly method: string;
  readonly iteration: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Mean and spread at every iteration over the runs that got there, each run smoothed first. */
export function meanCurve(method: string, runs: readonly Run[], value: (row: ProgressRow) => number): CurvePoint[] {
  const curves = runs.map((run) => smooth(run.progress.map(value), SPAN));
  const length = Math.max(0, ...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, i) => {
    const values = curves.filter((curve) => i < curve.length).map((curve) => curve[i]);
    const centre = mean(values);
    const spread = standardDeviation(values);
    return { method, iteration: i + 1, mean: centre, low: centre - spread, high: centre + spread };
  });
}

/** What a panel of a figure is made of. */
export interface Panel {
  readonly title: string;
  readonly points: readonly CurvePoint[];
  /** End of the horizontal axis. */
  readonly iterations: number;
  /** The paper's vertical axis; extended downwards where a curve goes further. */
  readonly range: readonly [number, number];
  /** Extended upwards, too. */
  readonly extendUp?: boolean;
  readonly axis: string;
  readonly width: number;
  readonly height: number;
  /** The legend's methods, drawn or not, so that panels can share one; default: those drawn. */
  readonly methods?: readonly string[];
  /** What each method ends at in the paper: dashed lines. */
  readonly published?: readonly { readonly method: string; readonly mean: number }[];
}

/** One panel as a Vega-Lite unit: a line that ends in a dot and a band a method, in the paper's order. */
export function panelChart(panel: Panel): object {
  const { title, points, iterations, range, axis, width, height, published = [] } = panel;
  const methods = panel.methods ?? points.map(({ method }) => method);
  const shown = Object.entries(METHODS).filter(([method]) => methods.includes(method));
  const least = Math.min(range[0], ...points.map((point) => point.mean));
  const most = panel.extendUp ? Math.max(range[1], ...points.map((point) => point.mean)) : range[1];
  const labelled = <T extends { method: string }>(items: readonly T[]) =>
    items.map((item) => ({ ...item, label: METHODS[item.method].label }));
  const ends = points.filter(({ method, iteration }, i) => {
    return iteration < iterations && points[i + 1]?.method !== method;
  });
  const color = {
    field: 'label',
    type: 'nominal',
    title: null,
    scale: { domain: shown.map(([, { label }]) => label), range: shown.map(([, entry]) => entry.color) },
    legend: { orient: 'right', symbolType: 'stroke', symbolOpacity: 1 },
  };
  const x = {
    field: 'iteration',
    type: 'quantitative',
    title: 'number of policy iterations',
    scale: { domain: [0, iterations], nice: false },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title: axis,
    scale: { domain: [least, most], nice: least < range[0] || most > range[1], zero: false },
  });
  const band = { x, y: y('low'), y2: { field: 'high' }, color };
  const layer = [
    { mark: { type: 'area', opacity: 0.15, clip: true }, encoding: band },
    { mark: { type: 'line', clip: true }, encoding: { x, y: y('mean'), color } },
    {
      data: { values: labelled(ends) },
      mark: { type: 'point', filled: true, size: 30, opacity: 1, clip: true },
      encoding: { x, y: y('mean'), color },
    },
    {
      data: { values: labelled(published) },
      mark: { type: 'rule', strokeDash: [5, 4], strokeWidth: 1.2, opacity: 0.7, clip: true },
      encoding: { y: y('mean'), color },
    },
  ];
  const unrun = { data: { values: [{}] }, mark: { type: 'text', text: 'not run', color: '#888', fontSize: 12, y: 16 } };
  return {
    width,
    height,
    title,
    data: { values: labelled(points) },
    layer: points.length > 0 ? layer : [...layer, unrun],
  };
}

/** Curves of all methods among some cells, from the run directories that are there. */
export function methodCurves(out: string, cells: readonly Cell[], value: (row: ProgressRow) => number): CurvePoint[] {
  return Object.keys(METHODS).flatMap((method) => {
    const runs = cells
      .filter((cell) => cell.method === method && existsSync(join(out, cell.name, 'progress.csv')))
      .map((cell) => readRun(join(out, cell.name)))
      .filter((run) => run.progress.length > 0);
    return meanCurve(method, runs, value);
  });
}

/** Panels side by side, each with a legend of its own or all with one. */
export function panelGrid(charts: readonly object[], columns: number, legends: 'each' | 'one' = 'each'): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    concat: charts,
    columns,
    spacing: 30,
    resolve: { scale: { color: legends === 'each' ? 'independent' : 'shared' } },
    config: CHART_CONFIG,
  } as unknown as TopLevelSpec;
}
