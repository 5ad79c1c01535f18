import { ArgumentError } from '../base/errors.js';
import { encodePng } from '../base/png.js';
import type { NativeAtariBatch, NativeOutputs } from './atari-addon.js';
import { type AtariOutput, outputNames } from './atari-options.js';

/** How pictures are made; see the option `preprocess`. */
export const defaultPreprocess = { width: 84, height: 84, maxPool: true, colour: false, stack: 1 };
export type Preprocess = typeof defaultPreprocess;

/** Samples of sound of an act. */
const AUDIO_SAMPLES = 512;

export type LargeOutputs = Readonly<Record<AtariOutput, Uint8Array | null>>;

/** The arrays asked for, of all slots; null for the others. */
export function makeLargeOutputs(
  wanted: readonly AtariOutput[],
  slots: number,
  native: NativeAtariBatch,
  preprocess: Preprocess | null,
  acts: number,
): LargeOutputs {
  const pixels = slots * native.screenHeight * native.screenWidth;
  const small = preprocess === null ? 0 : slots * pictureBytes(preprocess);
  const lengths = {
    ram: slots * 128,
    screens: pixels,
    greys: pixels,
    rgb: 3 * pixels,
    picture: small * (preprocess?.stack ?? 1),
    frames: small * acts,
    audio: slots * AUDIO_SAMPLES,
  };
  const entries = outputNames.map((name) => [name, wanted.includes(name) ? new Uint8Array(lengths[name]) : null]);
  return Object.fromEntries(entries) as LargeOutputs;
}

/** Bytes that the outputs take for one slot, about. */
export function outputBytes(outputs: readonly AtariOutput[], preprocess: Preprocess | null, acts: number): number {
  const screen = 160 * 210;
  const small = preprocess === null ? 0 : pictureBytes(preprocess);
  const stack = preprocess?.stack ?? 1;
  // A stack is kept natively, too.
  const picture = small * (stack > 1 ? 2 * stack : 1);
  const bytes = {
    ram: 128,
    screens: screen,
    greys: screen,
    rgb: 3 * screen,
    picture,
    frames: small * acts,
    audio: AUDIO_SAMPLES,
  };
  return outputs.reduce((sum, name) => sum + bytes[name], 0);
}

/** Of one picture. */
function pictureBytes({ width, height, colour }: Preprocess): number {
  return width * height * (colour ? 3 : 1);
}

type OutputArray = Int32Array | Uint8Array;

/** The arrays of a batch that native code writes, as it takes them. */
export class AtariArrays {
  /** For the native calls; without a prototype, so that nobody adds to it. */
  readonly given: NativeOutputs = Object.create(null) as NativeOutputs;
  readonly #all: OutputArray[];

  constructor(outputs: Readonly<Record<string, OutputArray | null>>, faults: Uint8Array, frameRows: number) {
    const there = Object.entries(outputs).filter((entry): entry is [string, OutputArray] => entry[1] !== null);
    Object.assign(this.given, Object.fromEntries(there), { acts: 1, frameRows });
    this.#all = [...there.map(([, array]) => array), faults];
  }

  /** The arrays are the caller's to read; one that was transferred to another thread cannot be written any more. */
  check(): void {
    for (const array of this.#all) {
      if (array.length > 0) continue;
      throw new ArgumentError('an array of this batch was transferred away', {
        hint: 'Transfer a copy: its slice()',
      });
    }
  }

  /** Leaves all of them empty. */
  detach(): void {
    const buffers = new Set(this.#all.map(({ buffer }) => buffer as ArrayBuffer));
    const there = [...buffers].filter(({ byteLength }) => byteLength > 0);
    structuredClone(null, { transfer: there });
  }
}

/**
 * A slot's screen as a PNG file, each pixel twice.
 * @throws ArgumentError for a batch that keeps no screens
 */
export function screenPng(
  slot: number,
  { screens, rgb }: Pick<LargeOutputs, 'screens' | 'rgb'>,
  { palette, screenHeight, screenWidth }: NativeAtariBatch,
): Uint8Array {
  if (screens === null && rgb === null) {
    throw new ArgumentError('png() of a batch that keeps no screens', { expected: '"screens" or "rgb" in outputs' });
  }
  const pixels = screenHeight * screenWidth;
  const wide = new Uint8Array(6 * pixels);
  for (let i = 0; i < pixels; i++) {
    const at = slot * pixels + i;
    const colour = screens === null ? 0 : palette[screens[at]];
    for (let c = 0; c < 3; c++) {
      const value = screens === null ? rgb![3 * at + c] : (colour >> (16 - 8 * c)) & 255;
      wide[6 * i + c] = value;
      wide[6 * i + 3 + c] = value;
    }
  }
  return encodePng(2 * screenWidth, screenHeight, wide);
}
