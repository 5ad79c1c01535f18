import { drawFrame } from './draw-frame.js';
import { requireOptional } from './optional.js';
import { Raster } from './raster.js';
import { frameCount, type PixelRecording, type Recording, type ShapeRecording } from './recording.js';

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

const HEIGHT = 270;
const WIDTH = 480;
/** GIF delays are whole hundredths of a second: 25 frames per second. */
const SHAPE_DELAY = 0.04;

/**
 * Encodes a recording as an endless GIF, so many times faster than it was.
 * @throws DependencyError where the package `gifenc` is not installed
 */
export function encodeGif(recording: Recording, speed = 1): Uint8Array {
  return recording.kind === 'shapes' ? encodeShapes(recording, speed) : encodePixels(recording, speed);
}

function encodeShapes(recording: ShapeRecording, speed: number): Uint8Array {
  const { GIFEncoder, quantize, applyPalette } = requireOptional<Gifenc>('GIFs', 'gifenc');
  const gif = GIFEncoder();
  const duration = frameCount(recording) * recording.secondsPerFrame;
  const count = Math.max(1, Math.round(duration / speed / SHAPE_DELAY));
  const raster = new Raster(WIDTH, HEIGHT);
  const first = drawFrame(raster, recording, 0);
  const palette = quantize(first, 128);
  for (let i = 0; i < count; i++) {
    const index = applyPalette(drawFrame(raster, recording, i * SHAPE_DELAY * speed), palette);
    gif.writeFrame(index, WIDTH, HEIGHT, i === 0 ? { palette, delay: 40, repeat: 0 } : { delay: 40 });
  }
  gif.finish();
  return gif.bytes();
}

function encodePixels(recording: PixelRecording, speed: number): Uint8Array {
  const { GIFEncoder } = requireOptional<Gifenc>('GIFs', 'gifenc');
  const { width, height, frames, secondsPerFrame, pixelAspect } = recording;
  const palette = Array.from(recording.palette, (rgb) => [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255]);
  const zoomX = Math.max(1, Math.round(pixelAspect));
  // 60 pictures a second are more than viewers of GIFs play: every second one, and three hundredths each at most.
  const skip = Math.max(1, Math.floor(speed / 30 / secondsPerFrame + 1e-9));
  const wide = new Uint8Array(width * zoomX * height);
  const gif = GIFEncoder();
  let clock = 0;
  for (let f = 0; f < frames.length; f += skip) {
    const frame = frames[f];
    for (let i = 0; i < wide.length; i++) wide[i] = frame[Math.floor(i / zoomX)];
    const delay = Math.round((100 * (f + skip) * secondsPerFrame) / speed) - clock;
    clock += delay;
    const first = f === 0 ? { palette, repeat: 0 } : {};
    gif.writeFrame(wide, width * zoomX, height, { ...first, delay: 10 * delay });
  }
  gif.finish();
  return gif.bytes();
}
