import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { ArgumentError } from '../base/errors.js';
import { encodeGif } from './gif.js';
import { frameCount, type Recording } from './recording.js';
import { replayPage } from './replay-page.js';

/**
 * Writes a recording as an HTML page or a GIF, by the ending of the file's name.
 * @throws ArgumentError for another ending, or a recording without a frame
 */
export function writeReplay(recording: Recording, file: string): void {
  const ending = extname(file).toLowerCase();
  if (ending !== '.html' && ending !== '.gif') {
    throw new ArgumentError(`cannot write "${file}"`, { value: file, expected: 'a name ending in .html or .gif' });
  }
  if (frameCount(recording) === 0) throw new ArgumentError('the recording has no frames', { value: 0 });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, ending === '.html' ? replayPage(recording) : encodeGif(recording));
}
