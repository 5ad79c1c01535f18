import { ArgumentError, SnapshotError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { checkArray } from '../native/arrays.js';
import type { RowArray } from '../native/rows.js';
import { firstNotFinite } from './spaces.js';

export type PartType = 'Float64Array' | 'Float32Array' | 'Int32Array' | 'Uint32Array' | 'Uint8Array';

/**
 * What one part of a snapshot looks like. Its rows have `width` elements each; or, where `width` is 'bounded', as many
 * bytes as a second part says, its name with `.offsets` after it (Uint32Array [rows + 1], from 0 to the part's length).
 */
export interface SnapshotPart {
  readonly name: string;
  readonly type: PartType;
  readonly width: number | 'bounded';
}

const constructors = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint8Array } as const;

/**
 * The parts of a snapshot, each of the type and length that the environment saves: whatever else is in memory or came
 * from a file is refused before anything is read or written.
 * @throws SnapshotError naming the part
 */
export function checkParts(given: unknown, rows: number, layout: readonly SnapshotPart[]): Record<string, RowArray> {
  if (!isObject(given)) {
    throw new SnapshotError('a snapshot without parts', { value: given, expected: 'typed arrays by name' });
  }
  const known = new Set<string>();
  const parts: Record<string, RowArray> = {};
  for (const { name, type, width } of layout) {
    known.add(name);
    if (width !== 'bounded') {
      parts[name] = checkPart(given, name, type, rows * width);
      continue;
    }
    const offsets = checkPart(given, `${name}.offsets`, 'Uint32Array', rows + 1);
    known.add(`${name}.offsets`);
    parts[name] = checkPart(given, name, type, offsets[rows]);
    parts[`${name}.offsets`] = offsets;
    for (let i = 0; i <= rows; i++) {
      if (i === 0 ? offsets[i] === 0 : offsets[i] >= offsets[i - 1]) continue;
      throw new SnapshotError(`snapshot part "${name}.offsets" is not ascending from 0`, { value: offsets[i] });
    }
  }
  const other = Object.keys(given).find((name) => !known.has(name));
  if (other !== undefined) {
    throw new SnapshotError(`snapshot part "${other}" is not of this environment`, {
      value: other,
      expected: [...known].join(', '),
    });
  }
  return parts;
}

function checkPart(given: object, name: string, type: PartType, length: number): RowArray {
  const what = `snapshot part "${name}"`;
  const part = Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
  if (part === undefined) throw new SnapshotError(`${what} is missing`, { value: name, expected: `a ${type}` });
  try {
    const array = checkArray(what, part, type, length, { exact: true });
    // A view of our own: nothing that was put on theirs is ever called.
    return new constructors[type](array.buffer as ArrayBuffer, array.byteOffset, length);
  } catch (cause) {
    if (!(cause instanceof ArgumentError)) throw cause;
    throw new SnapshotError(cause.message, { value: name, cause });
  }
}

/**
 * The parts that every environment has, by what a step can leave: finite numbers, flags 0 or 1, a time within an episode.
 * @throws SnapshotError for a snapshot that was made up
 */
export function checkEpisodes(parts: Readonly<Record<string, RowArray>>, maxEpisodeSteps: number): void {
  for (const name of ['observations', 'rewards']) {
    const part = parts[name];
    const at = part instanceof Float32Array || part instanceof Float64Array ? firstNotFinite(part, 0, part.length) : -1;
    if (at >= 0) throw new SnapshotError(`snapshot part "${name}" has ${part[at]}`, { value: part[at] });
  }
  const [terminated, truncated, elapsed] = [parts.terminated!, parts.truncated!, parts.elapsed!];
  for (let row = 0; row < elapsed.length; row++) {
    const flags = terminated[row] | truncated[row];
    if (flags <= 1 && elapsed[row] >= 0 && elapsed[row] <= maxEpisodeSteps) continue;
    throw new SnapshotError(`row ${row} of the snapshot is at step ${elapsed[row]} with flags ${flags}`, {
      value: elapsed[row],
      expected: `a step up to ${maxEpisodeSteps}, flags 0 or 1`,
    });
  }
}
