import { Pacer } from '../base/scheduling.js';
import { drawFrame } from './draw-frame.js';
import { checkOptional, requireOptional } from './optional.js';
import { Raster } from './raster.js';
import { frameCount, type PixelRecording, type Recording, type ShapeRecording } from './recording.js';

/** What is used of the optional package `h264-mp4-encoder` (H.264 in WebAssembly: no other program is needed). */
interface Encoder {
  width: number;
  height: number;
  frameRate: number;
  quantizationParameter: number;
  groupOfPictures: number;
  readonly outputFilename: string;
  readonly FS: { readFile(name: string): Uint8Array; unlink(name: string): void };
  initialize(): void;
  addFrameRgba(rgba: Uint8ClampedArray): void;
  finalize(): void;
  delete(): void;
}
interface EncoderPackage {
  createH264MP4Encoder(): Promise<Encoder>;
}

/** H.264's scale from 10 (largest) to 51 (coarsest): below what can be seen on flat colours. */
const QUANTIZATION = 20;
const SHAPE_WIDTH = 640;
const SHAPE_HEIGHT = 360;
const SHAPE_RATE = 30;
/** Games are enlarged to about this many lines: colours have half the resolution of the picture. */
const GAME_LINES = 480;

/** A picture for every moment of the film. */
interface Film {
  /** Pixels, both even */
  readonly width: number;
  readonly height: number;
  /** Pictures a second */
  readonly rate: number;
  readonly count: number;
  /** RGBA [height × width × 4]; may be overwritten by the next */
  picture(index: number): Uint8ClampedArray;
}

/**
 * Encodes a recording as H.264 in an MP4 file, so many times faster than it was; games with every frame.
 * @throws DependencyError where the package `h264-mp4-encoder` is not installed
 */
export async function encodeMp4(recording: Recording, speed = 1): Promise<Uint8Array> {
  const film = recording.kind === 'shapes' ? filmShapes(recording, speed) : filmPixels(recording, speed);
  const encoder = await makeEncoder();
  const pacer = new Pacer();
  try {
    encoder.width = film.width;
    encoder.height = film.height;
    encoder.frameRate = film.rate;
    encoder.quantizationParameter = QUANTIZATION;
    encoder.groupOfPictures = 2 * film.rate;
    encoder.initialize();
    for (let i = 0; i < film.count; i++) {
      encoder.addFrameRgba(film.picture(i));
      if (pacer.due()) await pacer.pause();
    }
    encoder.finalize();
    const bytes = encoder.FS.readFile(encoder.outputFilename);
    encoder.FS.unlink(encoder.outputFilename);
    return bytes;
  } finally {
    encoder.delete();
  }
}

function filmShapes(recording: ShapeRecording, speed: number): Film {
  const raster = new Raster(SHAPE_WIDTH, SHAPE_HEIGHT);
  const duration = (frameCount(recording) * recording.secondsPerFrame) / speed;
  return {
    width: SHAPE_WIDTH,
    height: SHAPE_HEIGHT,
    rate: SHAPE_RATE,
    count: Math.max(1, Math.round(duration * SHAPE_RATE)),
    picture: (index) => drawFrame(raster, recording, (index * speed) / SHAPE_RATE),
  };
}

function filmPixels(recording: PixelRecording, speed: number): Film {
  const { frames, secondsPerFrame, pixelAspect, palette } = recording;
  // Even, so that whatever the screen's size the picture's is.
  const zoomY = 2 * Math.min(4, Math.max(1, Math.round(GAME_LINES / recording.height / 2)));
  const zoomX = 2 * Math.max(1, Math.round((zoomY * pixelAspect) / 2));
  const [width, height] = [recording.width * zoomX, recording.height * zoomY];
  const rate = Math.max(1, Math.min(60, Math.round(1 / secondsPerFrame)));
  const duration = (frames.length * secondsPerFrame) / speed;
  const pixels = new Uint8ClampedArray(4 * width * height);
  const words = new Uint32Array(pixels.buffer);
  // As bytes in memory: red, green, blue, opaque.
  const colors = palette.map((rgb) => (0xff000000 | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0);
  return {
    width,
    height,
    rate,
    count: Math.max(1, Math.round(duration * rate)),
    picture: (index) => {
      const frame = frames[Math.min(frames.length - 1, Math.floor((index * speed) / rate / secondsPerFrame + 1e-6))];
      for (let y = 0; y < height; y++) {
        const from = Math.floor(y / zoomY) * recording.width;
        for (let x = 0; x < width; x++) words[y * width + x] = colors[frame[from + Math.floor(x / zoomX)]];
      }
      return pixels;
    },
  };
}

const INSTALL = 'npm install h264-mp4-encoder';

/** Before a film is recorded. @throws DependencyError that says what to install */
export function checkMp4(): void {
  checkOptional('MP4 files', ['h264-mp4-encoder'], INSTALL);
}

async function makeEncoder(): Promise<Encoder> {
  // The package makes uncaught errors its own business, for the whole process.
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  try {
    return await requireOptional<EncoderPackage>('MP4 files', 'h264-mp4-encoder', INSTALL).createH264MP4Encoder();
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.rawListeners(event)) {
        if (!before[i].includes(listener)) process.off(event, listener as () => void);
      }
    });
  }
}
