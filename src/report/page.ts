import { join } from 'node:path';
import { writeAllAtomic } from '../base/files.js';
import { FINAL_ITERATIONS } from '../train/progress.js';
import { renderSvg, svgToPng } from './chart.js';
import { CHART_STYLE, CHARTS } from './chart-script.js';
import { type CsvCell, formatCsv } from './csv.js';
import { chartGrid, knownQuantities, quantityChart } from './curve.js';
import { escapeHtml, formatNumber, htmlTable } from './format.js';
import { type LabelledRun, labelRuns } from './labels.js';
import { plotQuantities, plotRun, scriptJson } from './plot-data.js';
import { type Run, readRun } from './run.js';
import { tailMean } from './statistics.js';
import { runStatus } from './status.js';

/** What the summary tells of every run; the figures that its charts show follow. */
const SUMMARY_COLUMNS = [
  'run',
  'experiment',
  'method',
  'seed',
  'status',
  'iterations',
  'simulator_steps',
  'seconds',
] as const;

/** What `writeReport` wrote: absolute or relative paths as `out` was. */
export interface ReportFiles {
  readonly html: string;
  readonly svg: string;
  readonly png: string;
  readonly progressCsv: string;
  readonly summaryCsv: string;
}

/**
 * Writes the curves and tables of some runs: report.html (one self-contained page), curves.svg, curves.png,
 * progress.csv (all iterations of all runs) and summary.csv (a line a run, means over the last FINAL_ITERATIONS).
 * @param directories run directories
 * @param out folder of the report; made where needed
 */
export async function writeReport(directories: readonly string[], out: string): Promise<ReportFiles> {
  const runs = labelRuns(directories.map(readRun));
  const labels = [...new Set(runs.map(({ label }) => label))];
  const experiments = [...new Set(runs.map(({ experiment }) => experiment))];
  const sections = experiments.map((experiment) => {
    const group = runs.filter((run) => run.experiment === experiment);
    const charts = knownQuantities(group).map((quantity) => {
      const chart = quantityChart(group, quantity, { width: 400, height: 250 }, labels);
      const title = experiments.length > 1 ? `${experiment}: ${quantity.title}` : quantity.title;
      return { ...chart, title };
    });
    return charts;
  });
  const all = sections.flat();
  const columns = sections.length > 1 ? Math.max(...sections.map((charts) => charts.length)) : 3;
  const svg = await renderSvg(chartGrid(all, columns));
  const files: ReportFiles = {
    html: join(out, 'report.html'),
    svg: join(out, 'curves.svg'),
    png: join(out, 'curves.png'),
    progressCsv: join(out, 'progress.csv'),
    summaryCsv: join(out, 'summary.csv'),
  };
  const table = summaryTable(runs);
  await writeAllAtomic(out, {
    'curves.svg': svg,
    'curves.png': await svgToPng(svg),
    'summary.csv': formatCsv(table.columns, table.rows),
    'progress.csv': allProgress(runs),
    'report.html': page(runs, table),
  });
  return files;
}

/** All iterations of all runs, with every column that one of them has. */
function allProgress(runs: readonly Run[]): string {
  const columns = [...new Set(runs.flatMap((run) => run.columns.map(({ name }) => name)))];
  const figure = (value = Number.NaN) => (Number.isNaN(value) ? null : value);
  const rows = runs.flatMap((run) =>
    run.progress.map((row) => [run.name, ...columns.map((column) => figure(row[column]))]),
  );
  return formatCsv(['run', ...columns], rows);
}

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly CsvCell[][];
}

/** A line a run: what it is, then the means over its last iterations of what the charts show. */
function summaryTable(runs: readonly Run[]): Table {
  const quantities = knownQuantities(runs).filter(({ from }) => from === 'progress');
  const names = quantities.map(({ column }) => column);
  return { columns: [...SUMMARY_COLUMNS, ...names], rows: runs.map((run) => summaryRow(run, names)) };
}

function summaryRow(run: Run, names: readonly string[]): CsvCell[] {
  const { progress } = run;
  const last = (column: string) => {
    const mean = tailMean(
      progress.map((row) => row[column] ?? Number.NaN),
      FINAL_ITERATIONS,
    );
    return Number.isNaN(mean) ? null : mean;
  };
  const seconds = progress.reduce((sum, row) => sum + (row.seconds_sampling || 0) + (row.seconds_update || 0), 0);
  return [
    run.name,
    run.experiment,
    run.method,
    Number.isNaN(run.seed) ? null : run.seed,
    runStatus(run),
    progress.length,
    progress.at(-1)?.simulator_steps ?? 0,
    seconds,
    ...names.map(last),
  ];
}

function page(runs: readonly LabelledRun[], table: Table): string {
  const shown = table.rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : String(cell ?? ''))),
  );
  const labels = [...new Set(runs.map(({ label }) => label))].join(', ');
  const details = runs.map(
    (run) =>
      `<details><summary>${escapeHtml(run.name)}: configuration and result</summary>
<pre>${escapeHtml(JSON.stringify({ config: run.config, final: run.final }, null, 2))}</pre></details>`,
  );
  const plotted = runs.map((run) => ({ label: run.label, ...plotRun(run) }));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(labels)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1100px; padding: 0 1rem; color: #222; }
${CHART_STYLE}table { border-collapse: collapse; font-size: 13px; } th, td { padding: 3px 9px; border-bottom: 1px solid #ddd; text-align: right; }
th { text-align: right; } th:first-child, td:first-child { text-align: left; white-space: nowrap; } .scroll { overflow-x: auto; }
pre { background: #f6f6f6; padding: 0.8rem; overflow-x: auto; font-size: 12px; }
</style></head><body>
<h1>${escapeHtml(labels)}</h1>
<p>Figures in the table are means over the last ${FINAL_ITERATIONS} iterations. Costs are negative rewards.</p>
<div class="scroll">${htmlTable(
    table.columns.map((c) => c.replaceAll('_', ' ')),
    shown,
  )}</div>
<h2>Learning curves</h2>
<p>Means are over the runs that got that far, shaded one standard deviation to either side. Point at a curve for its values.</p>
<noscript>The curves need JavaScript; curves.svg beside this page has them without.</noscript>
<div id="charts"></div>
<h2>Runs</h2>
${details.join('\n')}
<script>
${CHARTS}
drawCharts(document.querySelector('#charts'), ${scriptJson(plotQuantities(runs))}, ${scriptJson(plotted)});
</script>
</body></html>
`;
}
