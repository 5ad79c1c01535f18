import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { ArgumentError, SnapshotError } from '../base/errors.js';
import { isInstance } from '../base/kinds.js';
import { checkArray } from './arrays.js';
import { copyBytes } from './atari-arguments.js';

const MAGIC = 'TRELLIS-ATARI-STATES';
const VERSION = 2;
/** Magic, version, checksum; the checksum is of all that follows it: the count, the offsets, the records. */
const SEALED = MAGIC.length + 4 + 4;
const HEADER = SEALED + 4;

/**
 * Saved slots of an AtariBatch: `count` records in one piece of memory, record i in bytes[offsets[i]] … offsets[i + 1].
 * Each record carries its format version and the ROM's MD5, so it fits any batch of the same ROM, and is checked on
 * restore.
 */
export class AtariStates {
  /**
   * @param offsets [count + 1], ascending, from 0 to bytes.length at most
   * @throws ArgumentError for arrays of another type, or over shared memory
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly offsets: Uint32Array,
  ) {
    checkArray('bytes of AtariStates', bytes, 'Uint8Array', 0);
    checkArray('offsets of AtariStates', offsets, 'Uint32Array', 1);
  }

  get count(): number {
    return this.offsets.length - 1;
  }

  /**
   * For a file or another process: magic, version, checksum, count, offsets, records (all little-endian).
   * @throws SnapshotError if the offsets lead out of the bytes
   */
  serialize(): Uint8Array {
    const { bytes, offsets } = this;
    if (!ordered(offsets) || offsets[offsets.length - 1] > bytes.length) {
      throw new SnapshotError('the offsets of these Atari states lead out of their bytes');
    }
    const start = HEADER + 4 * offsets.length;
    const data = Buffer.alloc(start + offsets[offsets.length - 1]);
    data.write(MAGIC, 'latin1');
    data.writeUInt32LE(VERSION, MAGIC.length);
    data.writeUInt32LE(offsets.length - 1, SEALED);
    for (let i = 0; i < offsets.length; i++) data.writeUInt32LE(offsets[i], HEADER + 4 * i);
    data.set(bytes.subarray(0, data.length - start), start);
    data.writeUInt32LE(crc32(data.subarray(SEALED)), SEALED - 4);
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  }

  /** @throws SnapshotError if the bytes are no saved states, of another version, cut or damaged */
  static deserialize(data: Uint8Array): AtariStates {
    const all = Buffer.from(copyBytes('saved Atari states', data).buffer);
    if (all.length < HEADER + 4 || all.toString('latin1', 0, MAGIC.length) !== MAGIC) {
      throw new SnapshotError('these bytes are no saved Atari states', { expected: 'the result of serialize()' });
    }
    const version = all.readUInt32LE(MAGIC.length);
    if (version !== VERSION) {
      throw new SnapshotError(`saved Atari states of version ${version}`, {
        value: version,
        expected: `version ${VERSION}`,
        hint: 'Save them again with this version of the library',
      });
    }
    const count = all.readUInt32LE(SEALED);
    const start = HEADER + 4 * (count + 1);
    const sealed = crc32(all.subarray(SEALED)) === all.readUInt32LE(SEALED - 4) && start <= all.length;
    const offsets = new Uint32Array(sealed ? count + 1 : 0);
    for (let i = 0; i < offsets.length; i++) offsets[i] = all.readUInt32LE(HEADER + 4 * i);
    if (!sealed || !ordered(offsets) || offsets[count] !== all.length - start) {
      throw new SnapshotError('the saved Atari states are damaged', {
        expected: 'all bytes of serialize(), unchanged',
      });
    }
    return new AtariStates(Uint8Array.from(all.subarray(start)), offsets);
  }
}

/** What a call uses of states, read once. @throws ArgumentError */
export function checkStates(what: string, states: unknown): { bytes: Uint8Array; offsets: Uint32Array } {
  if (!isInstance(states, AtariStates)) {
    throw new ArgumentError(`${what} is no AtariStates`, { value: states, expected: 'what save() returned' });
  }
  const bytes = checkArray(`bytes of ${what}`, states.bytes, 'Uint8Array', 0);
  const offsets = checkArray(`offsets of ${what}`, states.offsets, 'Uint32Array', 1);
  return { bytes, offsets };
}

/** Whether offsets go from 0 upwards. */
function ordered(offsets: Uint32Array): boolean {
  return offsets[0] === 0 && offsets.every((offset, i) => i === 0 || offset >= offsets[i - 1]);
}
