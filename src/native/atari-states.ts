import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { SnapshotError } from '../base/errors.js';

const MAGIC = 'TRELLIS-ATARI-STATES';
const VERSION = 1;
const HEADER = MAGIC.length + 4 + 4 + 4;

/**
 * Saved slots of an AtariBatch: `count` records in one piece of memory, record i in bytes[offsets[i]] … offsets[i + 1].
 * Each record carries its format version and the ROM's MD5, so it fits any batch of the same ROM, and is checked on
 * restore.
 */
export class AtariStates {
  /** @param offsets [count + 1], ascending, from 0 to bytes.length at most */
  constructor(
    readonly bytes: Uint8Array,
    readonly offsets: Uint32Array,
  ) {}

  get count(): number {
    return this.offsets.length - 1;
  }

  /** For a file or another process: magic, version, checksum, count, offsets, records (all little-endian). */
  serialize(): Uint8Array {
    const length = this.offsets[this.count]!;
    const body = Buffer.alloc(4 * this.offsets.length + length);
    for (let i = 0; i < this.offsets.length; i++) body.writeUInt32LE(this.offsets[i]!, 4 * i);
    body.set(this.bytes.subarray(0, length), 4 * this.offsets.length);
    const header = Buffer.alloc(HEADER);
    header.write(MAGIC, 'latin1');
    header.writeUInt32LE(VERSION, MAGIC.length);
    header.writeUInt32LE(crc32(body), MAGIC.length + 4);
    header.writeUInt32LE(this.count, MAGIC.length + 8);
    return new Uint8Array(Buffer.concat([header, body]));
  }

  /** @throws SnapshotError if the bytes are no saved states, of another version, cut or damaged */
  static deserialize(data: Uint8Array): AtariStates {
    const all = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (all.length < HEADER + 4 || all.toString('latin1', 0, MAGIC.length) !== MAGIC) {
      throw new SnapshotError('these bytes are no saved Atari states', { expected: 'the result of serialize()' });
    }
    const version = all.readUInt32LE(MAGIC.length);
    if (version !== VERSION) {
      throw new SnapshotError(`saved Atari states of version ${version}`, {
        value: version,
        expected: `version ${VERSION}`,
      });
    }
    const body = all.subarray(HEADER);
    const count = all.readUInt32LE(MAGIC.length + 8);
    const start = 4 * (count + 1);
    if (crc32(body) !== all.readUInt32LE(MAGIC.length + 4) || body.length < start) {
      throw new SnapshotError('the saved Atari states are damaged', {
        expected: 'all bytes of serialize(), unchanged',
      });
    }
    const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => body.readUInt32LE(4 * i));
    return new AtariStates(Uint8Array.from(body.subarray(start)), offsets);
  }
}
