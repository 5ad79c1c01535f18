import { checkOptional, loadOptional } from './optional.js';

/** A Vega-Lite specification. Its own type would make everyone install the package. */
export type TopLevelSpec = object;

const FONT = 'DejaVu Sans, Verdana, Helvetica, Arial, sans-serif';

/** Colours of curves, in order; told apart also by colour-blind readers (Okabe and Ito's set, yellow darkened). */
export const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#b8a800'];

/** Look shared by all charts. */
export const CHART_CONFIG = {
  font: FONT,
  background: 'white',
  view: { stroke: '#888' },
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e6e6e6' },
  legend: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    symbolStrokeWidth: 2.5,
    symbolSize: 200,
    labelLimit: 0,
    orient: 'bottom',
  },
  title: { fontSize: 13, fontWeight: 'bold' },
  line: { strokeWidth: 1.8 },
} as const;

/**
 * Draws a Vega-Lite specification.
 * @returns the text of an SVG file
 * @throws DependencyError where the charting packages are not installed
 */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const vega = await loadOptional<typeof import('vega')>('charts', 'vega');
  const { compile } = await loadOptional<typeof import('vega-lite')>('charts', 'vega-lite');
  const compiled = compile(spec as Parameters<typeof compile>[0], { logger: vega.logger(vega.Error) }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/**
 * Turns an SVG into a PNG with the fonts of the system.
 * @param zoom pixels per SVG unit
 * @throws DependencyError where the rasteriser is not installed
 */
export async function svgToPng(svg: string, zoom = 2): Promise<Uint8Array> {
  const { Resvg } = await loadOptional<typeof import('@resvg/resvg-js')>('PNG pictures', '@resvg/resvg-js');
  const image = new Resvg(svg, {
    background: 'white',
    fitTo: { mode: 'zoom', value: zoom },
    font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' },
  });
  return image.render().asPng();
}

/** Before work that ends in charts. @throws DependencyError that says what to install */
export function checkCharts(): void {
  checkOptional('charts', ['vega', 'vega-lite', '@resvg/resvg-js']);
}
