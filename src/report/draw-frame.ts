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
  const step = 0.5;
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
  for (let metre = Math.ceil(focus - reach); metre <= focus + reach; metre++) {
    raster.rectangle(toX(metre) - 1, base, 2, 8, INK);
    raster.text(`${metre}`, toX(metre) + 4, base + 5, INK);
  }
  shapes.forEach(({ radius, cap, color }, i) => {
    const [x0, y0, x1, y1] = pose.subarray(4 * i, 4 * i + 4);
    const ends = [toX(x0!), toY(y0!), toX(x1!), toY(y1!)] as const;
    raster.bar(...ends, radius * scale + 1.2, [color[0] * 0.45, color[1] * 0.45, color[2] * 0.45], cap);
    raster.bar(...ends, Math.max(1, radius * scale - 0.6), color, cap);
  });
  raster.text(`${seconds.toFixed(1)} s`, 8, 8, INK);
  const total = score[frame]!.toFixed(1);
  raster.text(total, raster.width - 8 - 8 * total.length, 8, INK);
  return raster.pixels;
}
