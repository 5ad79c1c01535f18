import gifenc from 'gifenc';
import { ArgumentError } from '../base/errors.js';

/** Collects indexed pictures of one size and palette into an endlessly repeating GIF. */
export class GifWriter {
  readonly #encoder = gifenc.GIFEncoder();
  readonly #palette: [number, number, number][];
  #first = true;

  /**
   * @param palette up to 256 colours, 0xRRGGBB
   * @param delay milliseconds a picture stays (GIF counts in hundredths of a second; viewers show 20 ms at the least)
   */
  constructor(
    readonly width: number,
    readonly height: number,
    palette: ArrayLike<number>,
    readonly delay: number,
  ) {
    if (!(delay >= 20)) throw new ArgumentError(`GIF delay of ${delay} ms`, { value: delay, expected: 'at least 20' });
    this.#palette = Array.from(palette, (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]);
  }

  /** @param indices [height × width], palette indices */
  add(indices: Uint8Array): void {
    if (indices.length !== this.width * this.height) {
      throw new ArgumentError(`GIF picture of ${indices.length} pixels`, {
        value: indices.length,
        expected: `${this.width} × ${this.height}`,
      });
    }
    this.#encoder.writeFrame(indices, this.width, this.height, {
      delay: this.delay,
      repeat: 0,
      ...(this.#first ? { palette: this.#palette } : {}),
    });
    this.#first = false;
  }

  /** The file's bytes; nothing can be added afterwards. */
  finish(): Uint8Array {
    this.#encoder.finish();
    return this.#encoder.bytes();
  }
}

/** Each pixel `across` × `down` times as large. (Pixels of the 2600 are about twice as wide as high.) */
export function enlarge(indices: Uint8Array, width: number, height: number, across: number, down: number): Uint8Array {
  const out = new Uint8Array(indices.length * across * down);
  const wide = width * across;
  for (let y = 0; y < height * down; y++) {
    const row = Math.floor(y / down) * width;
    if (y % down > 0) out.copyWithin(y * wide, (y - 1) * wide, y * wide);
    else for (let x = 0; x < wide; x++) out[y * wide + x] = indices[row + Math.floor(x / across)]!;
  }
  return out;
}
