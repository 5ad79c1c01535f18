import { writeAllAtomic } from '../../src/index.js';
import {
  CHART_CONFIG,
  formatCsv,
  markdownTable,
  renderSvg,
  svgToPng,
  type TopLevelSpec,
} from '../../src/report/index.js';
import type { ClaimResult } from '../claims/index.js';

/** The table of side claims in Markdown. */
export function claimsTable(results: readonly ClaimResult[]): string {
  return markdownTable(
    ['claim', 'section', 'measured', 'verdict'],
    results.map(({ claim, section, measured, verdict }) => [claim, section, measured, verdict]),
  );
}

/**
 * Writes the side claims: claims.svg and claims.png (a small chart each), claims.json, claims.csv and README.md.
 * @param extra Markdown that follows the table
 */
export async function writeClaims(results: readonly ClaimResult[], out: string, extra = ''): Promise<void> {
  const drawn = results.filter(({ bars }) => bars.length > 0);
  if (drawn.length > 0) {
    const spec = { concat: drawn.map(barChart), columns: 3, spacing: 30, config: CHART_CONFIG };
    const svg = await renderSvg(spec as unknown as TopLevelSpec);
    await writeAllAtomic(out, { 'claims.svg': svg, 'claims.png': await svgToPng(svg) });
  }
  const rows = results.map(({ id, section, claim, measured, verdict }) => [id, section, claim, measured, verdict]);
  await writeAllAtomic(out, {
    'claims.json': `${JSON.stringify(results, null, 2)}\n`,
    'claims.csv': formatCsv(['id', 'section', 'claim', 'measured', 'verdict'], rows),
    'README.md': page(results, drawn.length > 0, extra),
  });
}

function barChart({ id, quantity, bars, logarithmic = false }: ClaimResult): object {
  const scale = logarithmic ? { type: 'log' } : {};
  // Bars on a logarithmic axis have no honest foot: points instead.
  const mark = logarithmic ? { type: 'point', filled: true, size: 90 } : { type: 'bar', height: 16 };
  return {
    title: id,
    width: 260,
    height: { step: 26 },
    // Copies, since the charting package marks what it is given.
    data: { values: bars.map((bar) => ({ ...bar })) },
    mark: { ...mark, color: '#0072b2' },
    encoding: {
      y: { field: 'label', type: 'nominal', sort: null, title: null, axis: { labelLimit: 0 } },
      x: { field: 'value', type: 'quantitative', title: quantity, scale },
    },
  };
}

function page(results: readonly ClaimResult[], drawn: boolean, extra: string): string {
  const open = results.filter(({ verdict }) => verdict === 'open').length;
  return `# The paper's side claims

Made by \`trellis reproduce claims\`: each claim as a small experiment. ${results.length - open} of ${results.length} were
judged${open === 0 ? '' : '; the others wait for runs that are not done'}.

${claimsTable(results)}
${drawn ? '![Measurements](claims.svg)\n' : ''}${extra}`;
}
