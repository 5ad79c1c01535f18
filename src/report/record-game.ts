import type { PixelRecording } from './recording.js';

/** A picture of a game as it goes by; `screen` may be reused by the next. */
export interface GameFrame {
  /** [height × width], palette indices */
  readonly screen: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB, at most 256 */
  readonly palette: Uint32Array;
  readonly score: number;
  readonly over: boolean;
}

/** Atari pictures are 160 pixels wide and shown about twice as wide as high. */
const PIXEL_ASPECT = 2;

/**
 * Keeps the frames of a game.
 * @param secondsPerFrame 1/60 where every emulated frame is given
 * @param episodes stop when so many have ended
 */
export function recordGame(
  frames: Iterable<GameFrame>,
  title: string,
  secondsPerFrame = 1 / 60,
  episodes = Infinity,
): PixelRecording {
  const kept: Uint8Array[] = [];
  const score: number[] = [];
  const episode: number[] = [];
  let shape: Pick<GameFrame, 'width' | 'height' | 'palette'> = { width: 0, height: 0, palette: new Uint32Array() };
  let number = 0;
  let before = 0;
  for (const { screen, width, height, palette, over, score: total } of frames) {
    shape = { width, height, palette };
    kept.push(screen.slice(0, width * height));
    score.push(total - before);
    episode.push(number);
    if (over) {
      before = total;
      if (++number >= episodes) break;
    }
  }
  return {
    kind: 'pixels',
    title,
    secondsPerFrame,
    width: shape.width,
    height: shape.height,
    palette: Uint32Array.from(shape.palette),
    pixelAspect: PIXEL_ASPECT,
    frames: kept,
    score: Float32Array.from(score),
    episode: Int32Array.from(episode),
  };
}
