import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { describeValue, typedArrayType } from '../base/describe.js';
import { SnapshotError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { viewBytes } from '../native/arrays.js';
import { checkVersion } from './snapshot.js';
import type { Snapshot } from './types.js';

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

const size = z.int().min(0);
const headerSchema = z.strictObject({
  version: z.number(),
  envId: z.string(),
  modelHash: z.string(),
  count: size,
  parts: z.array(
    z.strictObject({ name: z.string(), type: z.enum(Object.keys(TYPES) as [TypeName, ...TypeName[]]), bytes: size }),
  ),
});

/** Numbers and texts; the schema would ask any object what it is, which a revoked proxy does not say. */
const plain = (value: unknown) => (typeof value === 'object' ? null : value);

/**
 * A snapshot as bytes: magic, length of the header, header (JSON), parts in the machine's (little-endian) order, each
 * padded to eight bytes, SHA-256 of all that. Readable on every platform we support.
 */
export function serializeSnapshot(snapshot: Snapshot): Uint8Array {
  const { version, envId, modelHash, count, parts } = isObject(snapshot) ? snapshot : ({} as Snapshot);
  const names = isObject(parts) ? Object.keys(parts).sort() : [];
  const contents = names.map((name) => bytesOf(name, parts[name]));
  const header = headerSchema.safeParse({
    version: plain(version),
    envId: plain(envId),
    modelHash: plain(modelHash),
    count: plain(count),
    parts: names.map((name, i) => ({ name, type: typedArrayType(parts[name]), bytes: contents[i].length })),
  });
  if (!header.success || !isObject(parts)) {
    throw new SnapshotError('no snapshot', {
      value: snapshot,
      expected: 'what `snapshot` returned',
      cause: header.error,
    });
  }
  const text = Buffer.from(JSON.stringify(header.data));
  const start = align(PREFIX + text.length);
  const total = contents.reduce((sum, part) => sum + align(part.length), start);
  const bytes = Buffer.alloc(total + DIGEST_BYTES);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt32LE(text.length, MAGIC.length);
  bytes.set(text, PREFIX);
  let at = start;
  for (const part of contents) {
    bytes.set(part, at);
    at += align(part.length);
  }
  bytes.set(createHash('sha256').update(bytes.subarray(0, total)).digest(), total);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The snapshot that `serializeSnapshot` wrote, in memory of its own. Whether its parts are those of an environment is
 * checked by that environment's `restore`.
 * @throws SnapshotError for anything else: another version, cut off, damaged, sizes that contradict each other
 */
export function deserializeSnapshot(bytes: Uint8Array): Snapshot {
  const data = bufferOf(bytes);
  if (data.length < PREFIX + DIGEST_BYTES || data.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new SnapshotError('these bytes are no snapshot', { expected: 'what serializeSnapshot returned' });
  }
  const body = data.subarray(0, data.length - DIGEST_BYTES);
  const json = readJson(body);
  checkVersion((json as { version?: unknown } | null)?.version);
  if (!createHash('sha256').update(body).digest().equals(data.subarray(body.length))) throw damaged();
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw damaged(parsed.error);
  const header = parsed.data;
  const parts: [string, ArrayBufferView][] = [];
  let at = align(PREFIX + data.readUInt32LE(MAGIC.length));
  for (const { name, type, bytes: length } of header.parts) {
    if (length > body.length - at || length % TYPES[type].BYTES_PER_ELEMENT !== 0) throw damaged();
    parts.push([name, new TYPES[type](Uint8Array.from(body.subarray(at, at + length)).buffer)]);
    at += align(length);
  }
  if (at !== body.length || new Set(parts.map(([name]) => name)).size !== parts.length) throw damaged();
  const { version, envId, modelHash, count } = header;
  return { version, envId, modelHash, count, parts: Object.fromEntries(parts) };
}

function bufferOf(bytes: unknown): Buffer {
  try {
    const { buffer, byteOffset, byteLength } = viewBytes('a snapshot', bytes);
    return Buffer.from(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw new SnapshotError((cause as Error).message, { value: bytes, cause });
  }
}

function damaged(cause?: unknown): SnapshotError {
  return new SnapshotError('the snapshot is damaged or cut off', {
    expected: 'the bytes serializeSnapshot returned',
    ...(cause === undefined ? {} : { cause }),
  });
}

function readJson(body: Buffer): unknown {
  const length = body.readUInt32LE(MAGIC.length);
  if (length > body.length - PREFIX) throw damaged();
  try {
    return JSON.parse(body.toString('utf8', PREFIX, PREFIX + length));
  } catch (cause) {
    throw damaged(cause);
  }
}

function bytesOf(name: string, part: unknown): Uint8Array {
  const type = typedArrayType(part);
  if (type === undefined || !Object.hasOwn(TYPES, type)) {
    throw new SnapshotError(`snapshot part "${name}" is ${describeValue(part)}`, {
      value: part,
      expected: 'a typed array',
    });
  }
  try {
    const { buffer, byteOffset, byteLength } = part as Uint8Array;
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw new SnapshotError(`snapshot part "${name}": its memory was detached`, { value: part, cause });
  }
}

/** The next multiple of eight. */
function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
