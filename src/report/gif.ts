import { createRequire } from 'node:module';
import { DependencyError } from '../base/errors.js';
import { type Color, Raster } from './raster.js';
import { frameCount, type PixelRecording, poseAt, type Recording, type ShapeRecording } from './recording.js';

interface Gifenc {
  GIFEncoder(): {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: { palette?: number[][]; delay?: number; repeat?: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  };
  quantize(rgba: Uint8ClampedArray, maxColors: number): number[][];
  applyPalette(rgba: Uint8ClampedArray, palette: number[][]): Uint8Array;
}

const SKY: Color = [246, 248, 250];
const GRID: Color = [220, 225, 230];
const EARTH: Color = [205, 208, 200];
const INK: Color = [90, 95, 100];
const HEIGHT = 270;
const WIDTH = 480;
/** GIF delays are whole hundredths of a second: 25 frames per second. */
const SHAPE_DELAY = 0.04;

/** Encodes a recording as an endless GIF at its own speed. */
export function encodeGif(recording: Recording): Uint8Array {
  return recording.kind === 'shapes' ? encodeShapes(recording) : encodePixels(recording);
}

function encodeShapes(recording: ShapeRecording): Uint8Array {
  const { GIFEncoder, quantize, applyPalette } = loadEncoder();
  const gif = GIFEncoder();
  const duration = frameCount(recording) * recording.secondsPerFrame;
  const count = Math.max(1, Math.round(duration / SHAPE_DELAY));
  const raster = new Raster(WIDTH, HEIGHT);
  const first = drawFrame(raster, recording, 0);
  const palette = quantize(first, 128);
  for (let i = 0; i < count; i++) {
    const index = applyPalette(drawFrame(raster, recording, i * SHAPE_DELAY), palette);
    gif.writeFrame(index, WIDTH, HEIGHT, i === 0 ? { palette, delay: 40, repeat: 0 } : { delay: 40 });
  }
  gif.finish();
  return gif.bytes();
}

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

function encodePixels(recording: PixelRecording): Uint8Array {
  const { GIFEncoder } = loadEncoder();
  const { width, height, frames, secondsPerFrame, pixelAspect } = recording;
  const palette = Array.from(recording.palette, (rgb) => [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255]);
  const zoomX = Math.max(1, Math.round(pixelAspect));
  // 60 pictures a second are more than viewers of GIFs play: every second one, and three hundredths each at most.
  const skip = Math.max(1, Math.floor(1 / 30 / secondsPerFrame + 1e-9));
  const wide = new Uint8Array(width * zoomX * height);
  const gif = GIFEncoder();
  let clock = 0;
  for (let f = 0; f < frames.length; f += skip) {
    const frame = frames[f]!;
    for (let i = 0; i < wide.length; i++) wide[i] = frame[Math.floor(i / zoomX)]!;
    const delay = Math.round(100 * (f + skip) * secondsPerFrame) - clock;
    clock += delay;
    const first = f === 0 ? { palette, repeat: 0 } : {};
    gif.writeFrame(wide, width * zoomX, height, { ...first, delay: 10 * delay });
  }
  gif.finish();
  return gif.bytes();
}

/** By require, since the package's module.exports look different through an import in different loaders. */
function loadEncoder(): Gifenc {
  try {
    return createRequire(import.meta.url)('gifenc') as Gifenc;
  } catch (cause) {
    throw new DependencyError('GIFs need the package "gifenc"', { hint: 'npm install gifenc', cause });
  }
}
