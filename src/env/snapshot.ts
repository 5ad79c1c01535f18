import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { SnapshotError } from '../base/errors.js';
import { copyRow, type RowArray } from './backend.js';
import type { EnvSpec, Snapshot } from './types.js';

/** Version of the snapshot layout, in memory and serialised. */
export const SNAPSHOT_VERSION = 1;

const MAGIC = 'TRELLIS-SNAPSHOT';
const PREFIX = MAGIC.length + 4;
const DIGEST_BYTES = 32;

const TYPES = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type TypeName = keyof typeof TYPES;

interface Header {
  version: number;
  envId: string;
  modelHash: string;
  count: number;
  parts: { name: string; type: TypeName; bytes: number }[];
}

/** Throws a SnapshotError unless the snapshot is of this version and of an equal environment. */
export function checkSnapshot(snapshot: Snapshot, spec: EnvSpec): void {
  if (snapshot.version !== SNAPSHOT_VERSION) {
    throw new SnapshotError(`snapshot of version ${snapshot.version}`, {
      value: snapshot.version,
      expected: `version ${SNAPSHOT_VERSION}`,
    });
  }
  if (snapshot.envId !== spec.id) {
    throw new SnapshotError(`snapshot of environment "${snapshot.envId}"`, {
      value: snapshot.envId,
      expected: `one of "${spec.id}"`,
    });
  }
  if (snapshot.modelHash !== spec.modelHash) {
    throw new SnapshotError(`snapshot of "${spec.id}" with another model, ROM or other options`, {
      value: snapshot.modelHash,
      expected: `model hash ${spec.modelHash}`,
    });
  }
}

/**
 * One snapshot made of rows of several of the same environment. Rows of a part are of equal width, or bounded by a second
 * part, its name with `.offsets` after it [count + 1].
 * @param from which of `snapshots` row i comes from
 * @param rows its row there
 */
export function gatherSnapshot(
  snapshots: readonly Snapshot[],
  from: ArrayLike<number>,
  rows: ArrayLike<number>,
): Snapshot {
  const first = snapshots[from[0]!]!;
  const parts: Record<string, ArrayBufferView> = {};
  for (const [name, part] of Object.entries(first.parts)) {
    if (name.endsWith('.offsets') && name.slice(0, -8) in first.parts) continue;
    if (`${name}.offsets` in first.parts) {
      const gathered = gatherBounded(snapshots, name, from, rows);
      parts[name] = new TYPES[typeName(part)](gathered.bytes.buffer);
      parts[`${name}.offsets`] = gathered.offsets;
      continue;
    }
    const tables = snapshots.map((snapshot) => snapshot.parts[name] as RowArray);
    const width = tables[0]!.length / first.count;
    const all = new TYPES[typeName(part)](from.length * width) as RowArray;
    for (let i = 0; i < from.length; i++) copyRow(tables[from[i]!]!, rows[i]!, all, i, width);
    parts[name] = all;
  }
  return { ...first, count: from.length, parts };
}

/** The same for one part whose rows are bounded by offsets, in bytes. */
function gatherBounded(
  snapshots: readonly Snapshot[],
  name: string,
  from: ArrayLike<number>,
  rows: ArrayLike<number>,
): { bytes: Uint8Array<ArrayBuffer>; offsets: Uint32Array } {
  const pieces = Array.from(from, (which, i) => {
    const { parts } = snapshots[which]!;
    const { buffer, byteOffset } = parts[name]!;
    const offsets = parts[`${name}.offsets`] as Uint32Array;
    const [start, end] = [offsets[rows[i]!]!, offsets[rows[i]! + 1]!];
    return new Uint8Array(buffer, byteOffset + start, end - start);
  });
  const offsets = new Uint32Array(pieces.length + 1);
  pieces.forEach((piece, i) => {
    offsets[i + 1] = offsets[i]! + piece.length;
  });
  const bytes = new Uint8Array(offsets[pieces.length]!);
  pieces.forEach((piece, i) => {
    bytes.set(piece, offsets[i]!);
  });
  return { bytes, offsets };
}

/**
 * A snapshot as bytes: magic, length of the header, header (JSON), parts in the machine's (little-endian) order, each
 * padded to eight bytes, SHA-256 of all that. Readable on every platform we support.
 */
export function serializeSnapshot(snapshot: Snapshot): Uint8Array {
  const names = Object.keys(snapshot.parts).sort();
  const header: Header = {
    version: snapshot.version,
    envId: snapshot.envId,
    modelHash: snapshot.modelHash,
    count: snapshot.count,
    parts: names.map((name) => {
      const part = snapshot.parts[name]!;
      return { name, type: typeName(part), bytes: part.byteLength };
    }),
  };
  const text = Buffer.from(JSON.stringify(header));
  const start = align(PREFIX + text.length);
  const total = header.parts.reduce((sum, part) => sum + align(part.bytes), start);
  const bytes = Buffer.alloc(total + DIGEST_BYTES);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt32LE(text.length, MAGIC.length);
  bytes.set(text, PREFIX);
  let at = start;
  for (const name of names) {
    const part = snapshot.parts[name]!;
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += align(part.byteLength);
  }
  bytes.set(createHash('sha256').update(bytes.subarray(0, total)).digest(), total);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The snapshot that `serializeSnapshot` wrote, in memory of its own.
 * @throws SnapshotError for anything else: another version, cut off, damaged
 */
export function deserializeSnapshot(bytes: Uint8Array): Snapshot {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.length < PREFIX + DIGEST_BYTES || data.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new SnapshotError('these bytes are no snapshot', { expected: 'what serializeSnapshot returned' });
  }
  const body = data.subarray(0, data.length - DIGEST_BYTES);
  const header = readHeader(body);
  if (header.version !== SNAPSHOT_VERSION) {
    throw new SnapshotError(`snapshot of version ${header.version}`, {
      value: header.version,
      expected: `version ${SNAPSHOT_VERSION}`,
    });
  }
  if (!createHash('sha256').update(body).digest().equals(data.subarray(body.length))) {
    throw new SnapshotError('the snapshot is damaged or cut off', { expected: 'the bytes serializeSnapshot returned' });
  }
  const parts: Record<string, ArrayBufferView> = {};
  let at = align(PREFIX + data.readUInt32LE(MAGIC.length));
  for (const { name, type, bytes: length } of header.parts) {
    const copy = new Uint8Array(length);
    copy.set(body.subarray(at, at + length));
    parts[name] = new TYPES[type](copy.buffer);
    at += align(length);
  }
  return { version: header.version, envId: header.envId, modelHash: header.modelHash, count: header.count, parts };
}

function readHeader(body: Buffer): Header {
  try {
    const length = body.readUInt32LE(MAGIC.length);
    return JSON.parse(body.toString('utf8', PREFIX, PREFIX + length)) as Header;
  } catch (cause) {
    throw new SnapshotError('the snapshot is damaged or cut off', { cause });
  }
}

function typeName(part: ArrayBufferView): TypeName {
  const name = part.constructor.name;
  if (name === 'Buffer') return 'Uint8Array';
  if (!(name in TYPES)) throw new SnapshotError(`a snapshot part of type ${name}`, { expected: 'a typed array' });
  return name as TypeName;
}

function align(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** SHA-256 (hex) of whatever decides whether a snapshot fits: a model's text, parameters, names. */
export function identityHash(...identity: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
