import { PALETTE } from './chart.js';

/**
 * The script that draws learning curves on a page: `drawCharts(root, quantities, runs)`, with the data of plot-data.ts.
 * Of each quantity a panel: a line a run and, where a label has several, the mean over those that got that far with one
 * standard deviation to either side, shaded. Called again with more data it draws the same panels anew. Plain browser
 * JavaScript without dependencies, since a page must open from a single file.
 */
export const CHARTS = `
const PALETTE = ${JSON.stringify(PALETTE)};
const DASHES = ['', '7 4', '2 4'];
const HEIGHT = 260;
const MARGIN = { top: 10, right: 14, bottom: 34, left: 62 };
const panels = new Map();

const make = (name, className, text) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const figure = (value) => {
  if (value === null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e15 || (size !== 0 && size < 1e-4)) return value.toExponential(2);
  return size >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(4)));
};
const styleOf = (index) => ({
  color: PALETTE[index % PALETTE.length],
  dash: DASHES[Math.floor(index / PALETTE.length) % DASHES.length],
});

/** Curves of one label: its runs, and their mean and spread at every iteration that one of them got to. */
function meanOf(runs, from, column, logarithmic) {
  const at = new Map();
  const curves = runs.map((run) => {
    const { iteration, [column]: values = [] } = run[from];
    const points = [];
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === null || (logarithmic && value <= 0)) continue;
      points.push([iteration[i], value]);
      const there = at.get(iteration[i]);
      if (there) there.push(value);
      else at.set(iteration[i], [value]);
    }
    return points;
  });
  const means = [...at].sort((a, b) => a[0] - b[0]).map(([iteration, values]) => {
    const count = values.length;
    const mean = values.reduce((a, b) => a + b, 0) / count;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { iteration, mean, spread: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, count };
  });
  return { curves: curves.filter((points) => points.length > 0), means };
}

function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function logTicks(low, high) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const powers = Array.from({ length: Math.max(0, Math.floor(Math.log10(high) + 1e-9) - first + 1) }, (_, i) => 10 ** (first + i));
  if (powers.length < 2) return ticks(low, high, 3).filter((value) => value > 0);
  return powers.filter((_, i) => i % Math.ceil(powers.length / 6) === 0);
}

/** The panel as SVG, and what hovering needs of its scales. Only numbers go into it, never a name. */
function drawPanel(panel) {
  const { quantity, series, plot } = panel;
  const width = Math.max(200, plot.clientWidth);
  const inner = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: HEIGHT - MARGIN.bottom };
  const log = quantity.logarithmic;
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { curves } of series) for (const points of curves) for (const [x, y] of points) {
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  if (x0 === x1) [x0, x1] = [x0 - 1, x1 + 1];
  const pad = log ? 0 : 0.04 * (y1 - y0) || Math.abs(y0) * 0.1 || 1;
  if (log && y0 === y1) [y0, y1] = [y0 / 2, y1 * 2];
  [y0, y1] = [y0 - pad, y1 + pad];
  const scale = log ? Math.log : Number;
  const toX = (x) => inner.left + ((x - x0) / (x1 - x0)) * (inner.right - inner.left);
  const rise = (inner.bottom - inner.top) / (scale(y1) - scale(y0));
  const toY = (y) => inner.bottom - (scale(Math.min(y1, Math.max(y0, y))) - scale(y0)) * rise;
  const place = (x, y) => toX(x).toFixed(1) + ' ' + toY(y).toFixed(1);
  const path = (points) => 'M' + points.map(([x, y]) => place(x, y)).join('L') + (points.length === 1 ? 'h0' : '');
  const grid = (log ? logTicks(y0, y1) : ticks(y0, y1, 5)).map((y) => {
    const at = toY(y).toFixed(1);
    return '<line class="grid" x1="' + inner.left + '" x2="' + inner.right + '" y1="' + at + '" y2="' + at + '"/>' +
      '<text x="' + (inner.left - 7) + '" y="' + at + '" dy="0.32em" text-anchor="end">' + figure(y) + '</text>';
  });
  const along = ticks(x0, x1, Math.max(2, Math.min(10, width / 60))).filter(Number.isInteger).map((x) =>
    '<text x="' + toX(x).toFixed(1) + '" y="' + (inner.bottom + 16) + '" text-anchor="middle">' + figure(x) + '</text>');
  const lines = series.map(({ curves, means, index }) => {
    const { color, dash } = styleOf(index);
    const stroke = ' stroke="' + color + '"' + (dash && ' stroke-dasharray="' + dash + '"');
    if (curves.length === 1) return '<path class="run only"' + stroke + ' d="' + path(curves[0]) + '"/>';
    const up = means.map(({ iteration, mean, spread }) => place(iteration, mean + spread));
    const down = means.map(({ iteration, mean, spread }) => place(iteration, mean - spread)).reverse();
    return '<path class="band" fill="' + color + '" d="M' + [...up, ...down].join('L') + 'Z"/>' +
      curves.map((points) => '<path class="run"' + stroke + ' d="' + path(points) + '"/>').join('') +
      '<path class="mean"' + stroke + ' d="' + path(means.map(({ iteration, mean }) => [iteration, mean])) + '"/>';
  });
  plot.innerHTML = '<svg width="' + width + '" height="' + HEIGHT + '" role="img">' + grid.join('') + along.join('') +
    '<text x="' + (inner.left + inner.right) / 2 + '" y="' + (HEIGHT - 3) + '" text-anchor="middle">iteration</text>' +
    lines.join('') + '<line class="cursor" y1="' + inner.top + '" y2="' + inner.bottom + '" visibility="hidden"/></svg>';
  Object.assign(panel, { width, toX, toIteration: (px) => x0 + ((px - inner.left) / (inner.right - inner.left)) * (x1 - x0) });
}

/** Values of all curves at the iteration nearest to the pointer. */
function hover(panel, event) {
  const { plot, tip, series } = panel;
  const box = plot.getBoundingClientRect();
  const wanted = panel.toIteration(event.clientX - box.left);
  const all = series.flatMap(({ means }) => means.map(({ iteration }) => iteration));
  if (all.length === 0) return;
  const nearest = all.reduce((a, b) => (Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a));
  const x = panel.toX(nearest);
  const cursor = plot.querySelector('.cursor');
  cursor.setAttribute('x1', x);
  cursor.setAttribute('x2', x);
  cursor.setAttribute('visibility', 'visible');
  const found = series.flatMap(({ label, index, means, curves }) =>
    means.filter(({ iteration }) => iteration === nearest).map((point) => ({ label, index, seeds: curves.length, ...point })));
  found.sort((a, b) => b.mean - a.mean);
  tip.replaceChildren(make('b', '', 'iteration ' + nearest), ...found.map(({ label, index, seeds, mean, spread, count }) => {
    const row = make('div');
    const several = seeds > 1 ? ' ± ' + figure(spread) + ' (' + count + ' of ' + seeds + ' runs)' : '';
    row.append(swatch(index), label + ': ', make('b', '', figure(mean)), several);
    return row;
  }));
  tip.hidden = false;
  const left = x + 12 + tip.offsetWidth > panel.width ? x - 12 - tip.offsetWidth : x + 12;
  tip.style.left = Math.max(0, Math.min(left, panel.width - tip.offsetWidth)) + 'px';
}

function swatch(index) {
  const { color, dash } = styleOf(index);
  const mark = make('i', 'swatch');
  mark.style.borderTop = '3px ' + (dash ? 'dashed ' : 'solid ') + color;
  return mark;
}

function makePanel() {
  const root = make('figure', 'panel');
  const [caption, plot, tip, legend] = [make('figcaption'), make('div', 'plot'), make('div', 'tip'), make('div', 'legend')];
  tip.hidden = true;
  const frame = make('div', 'frame');
  frame.append(plot, tip);
  root.append(caption, frame, legend);
  const panel = { root, caption, plot, tip, legend };
  for (const kind of ['pointermove', 'pointerdown']) plot.addEventListener(kind, (event) => hover(panel, event));
  plot.addEventListener('pointerleave', () => {
    tip.hidden = true;
    plot.querySelector('.cursor')?.setAttribute('visibility', 'hidden');
  });
  return panel;
}

/** @param quantities of each experiment. @param runs each with its label */
function drawCharts(root, quantities, runs) {
  const labels = [...new Set(runs.map(({ label }) => label))];
  const shown = [];
  for (const [experiment, wanted] of Object.entries(quantities)) {
    const members = runs.filter((run) => run.experiment === experiment);
    const heading = panels.get(experiment) ?? { root: make('h3', '', experiment) };
    panels.set(experiment, heading);
    if (Object.keys(quantities).length > 1) shown.push(heading);
    for (const quantity of wanted) {
      const key = [experiment, quantity.from, quantity.column].join('/');
      const panel = panels.get(key) ?? makePanel();
      panels.set(key, panel);
      shown.push(panel);
      const series = labels.map((label, index) => {
        const own = members.filter((run) => run.label === label);
        return { label, index, ...meanOf(own, quantity.from, quantity.column, quantity.logarithmic) };
      }).filter(({ curves }) => curves.length > 0);
      Object.assign(panel, { quantity, series });
      panel.caption.replaceChildren(make('b', '', quantity.title), quantity.note && ' – ' + quantity.note);
      panel.legend.replaceChildren(...series.map(({ label, index, curves }) => {
        const entry = make('span');
        entry.append(swatch(index), label + (curves.length > 1 ? ' (mean of ' + curves.length + ')' : ''));
        return entry;
      }));
    }
  }
  const roots = shown.map((panel) => panel.root);
  const isSame = roots.length === root.children.length && roots.every((child, i) => child === root.children[i]);
  if (!isSame) root.replaceChildren(...roots);
  panels.shown = shown.filter(({ plot }) => plot);
  for (const panel of panels.shown) drawPanel(panel);
}

addEventListener('resize', () => {
  for (const panel of panels.shown ?? []) if (panel.width !== Math.max(200, panel.plot.clientWidth)) drawPanel(panel);
});
`;

/** Style of what CHARTS draws. */
export const CHART_STYLE = `
.panel { margin: 0 0 1.4rem; } .panel figcaption { font-size: 14px; margin-bottom: 2px; }
.frame { position: relative; } .plot { touch-action: pan-y; min-height: 260px; } .plot svg { display: block; }
.plot text { font: 11px system-ui, sans-serif; fill: #555; } .grid { stroke: #e6e6e6; }
.plot .run, .plot .mean { fill: none; stroke-linejoin: round; stroke-linecap: round; }
.plot .run { stroke-width: 1; opacity: 0.35; } .plot .only { stroke-width: 1.8; opacity: 1; } .plot .mean { stroke-width: 2.4; }
.plot .band { stroke: none; opacity: 0.16; } .cursor { stroke: #888; stroke-dasharray: 3 3; }
.tip { position: absolute; top: 8px; background: #fffffff0; border: 1px solid #bbb; border-radius: 4px; padding: 4px 8px;
  font-size: 12px; pointer-events: none; max-width: 100%; box-sizing: border-box; max-height: 244px; overflow: hidden; }
.swatch { display: inline-block; width: 18px; vertical-align: middle; margin-right: 5px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 12px; padding-left: 62px; overflow-wrap: anywhere; }
@media (max-width: 600px) { .legend { padding-left: 0; } }
`;
