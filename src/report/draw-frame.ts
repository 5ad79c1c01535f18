import { pieces } from './outline.js';
import type { Color, Raster } from './raster.js';
import { poseAt, type ShapeRecording } from './recording.js';

const SKY: Color = [246, 248, 250];
const GRID: Color = [220, 225, 230];
const EARTH: Color = [205, 208, 200];
const INK: Color = [90, 95, 100];

/** Paints the recording at a time; the camera follows its focus and the marks on the ground are metres. */
export function drawFrame(raster: Raster, recording: ShapeRecording, seconds: number): Uint8ClampedArray {
  const { shapes, view, ground, score } = recording;
  const { pose, focus, frame } = poseAt(recording, seconds);
  const scale = raster.height / (view[1] - view[0]);
  const toX = (x: number) => raster.width / 2 + (x - focus) * scale;
  const toY = (y: number) => raster.height - (y - view[0]) * scale;
  raster.clear(SKY);
  const reach = raster.width / 2 / scale;
  const unit = gridUnit(view);
  const step = unit / 2;
  for (let i = Math.ceil((focus - reach) / step); i * step <= focus + reach; i++) {
    raster.rectangle(toX(i * step), 0, i % 2 === 0 ? 2 : 1, raster.height, GRID);
  }
  for (let i = Math.ceil(view[0] / step); i * step <= view[1]; i++) {
    raster.rectangle(0, toY(i * step), raster.width, i % 2 === 0 ? 2 : 1, GRID);
  }
  const base = ground === null ? raster.height - 16 : toY(ground);
  if (ground !== null) {
    raster.rectangle(0, base, raster.width, raster.height, EARTH);
    raster.rectangle(0, base, raster.width, 2, INK);
  }
  for (let i = Math.ceil((focus - reach) / unit); i * unit <= focus + reach; i++) {
    raster.rectangle(toX(i * unit) - 1, base, 2, 8, INK);
    raster.text(`${Number((i * unit).toPrecision(12))}`, toX(i * unit) + 4, base + 5, INK);
  }
  for (const piece of pieces(shapes, pose)) {
    if (piece.kind === 'bar') {
      const { radius, cap, color } = piece.shape;
      const [x0, y0, x1, y1] = piece.ends;
      const ends = [toX(x0!), toY(y0!), toX(x1!), toY(y1!)] as const;
      raster.bar(...ends, radius * scale + 1.2, edgeOf(color), cap);
      raster.bar(...ends, Math.max(1, radius * scale - 0.6), color, cap);
      continue;
    }
    const corners = piece.corners.map((value, i) => (i % 2 === 0 ? toX(value) : toY(value)));
    if (piece.edge) raster.polygon(corners, edgeOf(piece.color), 1.2);
    raster.polygon(corners, piece.color, piece.edge ? -0.6 : 0.4);
  }
  raster.text(`${seconds.toFixed(1)} s`, 8, 8, INK);
  const total = score[frame].toFixed(1);
  raster.text(total, raster.width - 8 - 8 * total.length, 8, INK);
  return raster.pixels;
}

/** Metres between the marks on the ground: 1, or a power of ten for models of another size. */
export function gridUnit(view: ShapeRecording['view']): number {
  return 10 ** Math.round(Math.log10((view[1] - view[0]) / 3));
}

function edgeOf([r, g, b]: Color): Color {
  return [r * 0.45, g * 0.45, b * 0.45];
}
