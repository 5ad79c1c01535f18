import { addon } from './addon.js';
import { callNative } from './native-errors.js';

/** The native handle; documented at the top of native/napi/atari_batch.cc. */
export interface NativeAtariBatch {
  readonly threads: number;
  readonly screenHeight: number;
  readonly screenWidth: number;
  readonly format: 'NTSC' | 'PAL';
  readonly md5: string;
  readonly mapper: string;
  readonly palette: Uint32Array;
  readonly greyPalette: Uint8Array;
  /** `faults` [N] is filled; so many slots have one. */
  reset(slots: Int32Array, seeds: Uint32Array | null, faults: Uint8Array, mode?: number, difficulty?: number): number;
  load(slots: Int32Array, seeds: Uint32Array, faults: Uint8Array): number;
  seed(slots: Int32Array, seeds: Uint32Array): void;
  set(slots: Int32Array, mode?: number, difficulty?: number): void;
  restartPictures(slots: Int32Array): void;
  step(actions: Int32Array, outputs: NativeOutputs): void;
  observe(slots: Int32Array, outputs: NativeOutputs): void;
  save(slots: Int32Array, generator: boolean, bytes: Uint8Array, offsets: Uint32Array): number;
  restore(bytes: Uint8Array, offsets: Uint32Array, rows: Int32Array, slots: Int32Array): void;
  setRam(slot: number, address: number, value: number): void;
  close(): void;
}

export interface NativeOutputs {
  rewards?: Int32Array;
  lives?: Int32Array;
  terminated?: Uint8Array;
  truncated?: Uint8Array;
  lifeLost?: Uint8Array;
  frameNumbers?: Int32Array;
  episodeFrameNumbers?: Int32Array;
  ram?: Uint8Array;
  screens?: Uint8Array;
  greys?: Uint8Array;
  rgb?: Uint8Array;
  picture?: Uint8Array;
  frames?: Uint8Array;
  audio?: Uint8Array;
  modes?: Int32Array;
  difficulties?: Int32Array;
  /** Inputs of a step, of each slot: acts; how far its paddle is turned. */
  actsEach?: Int32Array | undefined;
  strengths?: Float32Array | undefined;
  acts?: number;
  frameRows?: number;
  /** Last frames of the step to draw though no output shows them: for measuring. */
  render?: number;
}

export interface NativeAtariOptions {
  rom: Uint8Array;
  game: string;
  slots: number;
  threads: number;
  repeatActionProbability: number;
  frameSkip: number;
  maxFramesPerEpisode: number;
  colourAveraging: boolean;
  truncateOnLifeLoss: boolean;
  endOnLifeLoss: boolean;
  rewardMinimum: number;
  rewardMaximum: number;
  mode: number;
  difficulty: number;
  preprocess: { width: number; height: number; maxPool: boolean; colour?: boolean; stack?: number } | null;
  audio?: boolean;
  pixels: boolean;
}

interface AtariAddon {
  AtariBatch: new (options: NativeAtariOptions) => NativeAtariBatch;
}

/** Makes the native handle; its errors come out typed. */
export function openAtariBatch(options: NativeAtariOptions): NativeAtariBatch {
  const { AtariBatch } = addon<AtariAddon>();
  return callNative('AtariBatch', () => new AtariBatch(options), options.threads);
}
