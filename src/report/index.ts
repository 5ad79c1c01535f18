/**
 * `trellis-rl/report`: charts, tables, statistics and recordings, for figures of one's own. Drawing needs the optional
 * packages that `trellis report` names.
 */
export { CHART_CONFIG, checkCharts, PALETTE, renderSvg, svgToPng, type TopLevelSpec } from './chart.js';
export { type CsvCell, type CsvTable, formatCsv, parseCsv } from './csv.js';
export { writeCurve } from './curve.js';
export { escapeHtml, formatNumber, htmlTable, markdownTable } from './format.js';
export { pieces } from './outline.js';
export { type ReportFiles, writeReport } from './page.js';
export { type CurvePoint, meanCurve, methodCurves, type Panel, panelChart, panelGrid, SPAN } from './panels.js';
export { type RecordOptions, randomActor, recordShapes } from './record-episode.js';
export { type PixelRecording, poseOffsets, type Recording, type ShapeRecording } from './recording.js';
export { type ReplayOptions, writeReplay } from './replay.js';
export { type Run, readRun } from './run.js';
export {
  bootstrapInterval,
  interquartileMean,
  mean,
  performanceProfile,
  quantile,
  smooth,
  standardDeviation,
  stratifiedInterval,
  tailMean,
} from './statistics.js';
export { type PointOf, type TracedPath, traceEnvs } from './traced-env.js';
export { type WatchOptions, type WatchServer, watch } from './watch/server.js';
