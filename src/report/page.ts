import { join } from 'node:path';
import { writeAllAtomic } from '../base/files.js';
import { renderSvg, svgToPng } from './chart.js';
import { type CsvCell, formatCsv } from './csv.js';
import { chartGrid, knownQuantities, quantityChart } from './curve.js';
import { escapeHtml, formatNumber, htmlTable } from './format.js';
import { type LabelledRun, labelRuns } from './labels.js';
import { PROGRESS_COLUMNS, type Run, readRun } from './run.js';
import { tailMean } from './statistics.js';

/** Iterations that the "last iterations" figures average over. */
export const TAIL = 5;

const SUMMARY_COLUMNS = [
  'run',
  'experiment',
  'method',
  'seed',
  'status',
  'iterations',
  'simulator_steps',
  'mean_cost_per_step',
  'mean_return',
  'mean_length',
  'mean_kl',
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
 * progress.csv (all iterations of all runs) and summary.csv (a line a run, means over the last five iterations).
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
      return { quantity, chart: { ...chart, title } };
    });
    return { experiment, charts };
  });
  const all = sections.flatMap(({ charts }) => charts.map(({ chart }) => chart));
  const columns = sections.length > 1 ? Math.max(...sections.map(({ charts }) => charts.length)) : 3;
  const svg = await renderSvg(chartGrid(all, columns));
  const figures: string[] = [];
  for (const { experiment, charts } of sections) {
    figures.push(`<h3>${escapeHtml(experiment)}</h3><div class="charts">`);
    for (const { quantity, chart } of charts) {
      const picture = await renderSvg(chartGrid([{ ...chart, title: '' }], 1));
      figures.push(`<figure><figcaption><b>${quantity.title}</b> – ${quantity.note}</figcaption>${picture}</figure>`);
    }
    figures.push('</div>');
  }
  const files: ReportFiles = {
    html: join(out, 'report.html'),
    svg: join(out, 'curves.svg'),
    png: join(out, 'curves.png'),
    progressCsv: join(out, 'progress.csv'),
    summaryCsv: join(out, 'summary.csv'),
  };
  const summary = runs.map(summaryRow);
  await writeAllAtomic(out, {
    'curves.svg': svg,
    'curves.png': await svgToPng(svg),
    'summary.csv': formatCsv(SUMMARY_COLUMNS, summary),
    'progress.csv': formatCsv(['run', ...PROGRESS_COLUMNS], allProgress(runs)),
    'report.html': page(runs, figures, summary),
  });
  return files;
}

function allProgress(runs: readonly Run[]): CsvCell[][] {
  return runs.flatMap((run) =>
    run.progress.map((row) => [run.name, ...PROGRESS_COLUMNS.map((c) => (Number.isNaN(row[c]) ? null : row[c]))]),
  );
}

function summaryRow(run: Run): CsvCell[] {
  const { progress } = run;
  const last = (column: 'mean_cost_per_step' | 'mean_return' | 'mean_length' | 'mean_kl') =>
    tailMean(
      progress.map((row) => row[column]),
      TAIL,
    );
  const seconds = progress.reduce((sum, row) => sum + (row.seconds_sampling || 0) + (row.seconds_update || 0), 0);
  return [
    run.name,
    run.experiment,
    run.method,
    Number.isNaN(run.seed) ? null : run.seed,
    runStatus(run),
    progress.length,
    progress.at(-1)?.simulator_steps ?? 0,
    last('mean_cost_per_step'),
    last('mean_return'),
    last('mean_length'),
    last('mean_kl'),
    seconds,
  ];
}

/** "done", or "partial at iteration k", or "not begun". */
export function runStatus(run: Run): string {
  const done = run.progress.length;
  if (run.finished && (run.plannedIterations === null || done >= run.plannedIterations)) return 'done';
  return done > 0 ? `partial at iteration ${done}` : 'not begun';
}

function page(runs: readonly LabelledRun[], figures: readonly string[], summary: readonly CsvCell[][]): string {
  const shown = summary.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : String(cell ?? ''))),
  );
  const labels = [...new Set(runs.map(({ label }) => label))].join(', ');
  const details = runs.map(
    (run) =>
      `<details><summary>${escapeHtml(run.name)}: configuration and result</summary>
<pre>${escapeHtml(JSON.stringify({ config: run.config, final: run.final }, null, 2))}</pre></details>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(labels)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1100px; padding: 0 1rem; color: #222; }
.charts { display: flex; flex-wrap: wrap; gap: 1.5rem; } figure { margin: 0; max-width: 100%; } figure svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 13px; } th, td { padding: 3px 9px; border-bottom: 1px solid #ddd; text-align: right; }
th { text-align: right; } th:first-child, td:first-child { text-align: left; } .scroll { overflow-x: auto; }
pre { background: #f6f6f6; padding: 0.8rem; overflow-x: auto; font-size: 12px; }
</style></head><body>
<h1>${escapeHtml(labels)}</h1>
<p>Figures in the table are means over the last ${TAIL} iterations. Costs are negative rewards.</p>
<div class="scroll">${htmlTable(
    SUMMARY_COLUMNS.map((c) => c.replaceAll('_', ' ')),
    shown,
  )}</div>
<h2>Learning curves</h2>
${figures.join('\n')}
<h2>Runs</h2>
${details.join('\n')}
</body></html>
`;
}
