import { basename, dirname, extname } from 'node:path';
import { ArgumentError } from '../base/errors.js';
import { writeAllAtomic } from '../base/files.js';
import { checkKnownKeys } from '../base/options.js';
import { encodeGif } from './gif.js';
import { checkMp4, encodeMp4 } from './mp4.js';
import { checkOptional } from './optional.js';
import { frameCount, type Recording } from './recording.js';
import { replayPage } from './replay-page.js';

export interface ReplayOptions {
  /** GIF and MP4: so many times faster than it was. Default 1. */
  readonly speed?: number | undefined;
}

type Encode = (recording: Recording, speed: number) => Uint8Array | string | Promise<Uint8Array>;

const FORMATS: Readonly<Record<string, Encode>> = {
  '.html': replayPage,
  '.gif': encodeGif,
  '.mp4': encodeMp4,
};

/**
 * Before anything is recorded.
 * @throws ArgumentError unless the file's name ends in .html, .gif or .mp4; DependencyError where the package that
 *   encodes it is not installed
 */
export function checkReplayName(file: string): void {
  const format = extname(file).toLowerCase();
  if (format === '.gif') checkOptional('GIFs', ['gifenc']);
  if (format === '.mp4') checkMp4();
  if (Object.hasOwn(FORMATS, format)) return;
  throw new ArgumentError(`cannot write "${file}"`, { value: file, expected: 'a name ending in .html, .gif or .mp4' });
}

/**
 * Writes a recording as an HTML page, a GIF or an MP4 film, by the ending of the file's name.
 * @throws ArgumentError for another ending, a recording without a frame, or a speed that is not above 0;
 *   DependencyError where the optional package that encodes it (`gifenc`, `h264-mp4-encoder`) is not installed
 */
export async function writeReplay(recording: Recording, file: string, options: ReplayOptions = {}): Promise<void> {
  checkKnownKeys('options of a replay', options, ['speed']);
  const { speed = 1 } = options;
  checkReplayName(file);
  if (frameCount(recording) === 0) throw new ArgumentError('the recording has no frames', { value: 0 });
  if (!(speed > 0 && Number.isFinite(speed))) {
    throw new ArgumentError('speed', { value: speed, expected: 'a number above 0' });
  }
  const encode = FORMATS[extname(file).toLowerCase()];
  const content = await encode(recording, speed);
  await writeAllAtomic(dirname(file), { [basename(file)]: content });
}
