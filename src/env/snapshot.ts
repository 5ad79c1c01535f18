import { createHash } from 'node:crypto';
import { describeValue } from '../base/describe.js';
import { ArgumentError, SnapshotError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { copyRow, type RowArray } from './backend.js';
import type { EnvSpec, Snapshot } from './types.js';

/** Version of the snapshot layout, in memory and serialised. */
export const SNAPSHOT_VERSION = 2;

/** @throws SnapshotError unless it is the version that this release writes */
export function checkVersion(version: unknown): void {
  if (version === SNAPSHOT_VERSION) return;
  const older = typeof version === 'number' && version < SNAPSHOT_VERSION;
  throw new SnapshotError(`snapshot of version ${describeValue(version)}`, {
    value: version,
    expected: `version ${SNAPSHOT_VERSION}`,
    ...(older ? { hint: 'An earlier release made it; save it again from a run of the environment' } : {}),
  });
}

/** Throws a SnapshotError unless the snapshot is of this version and of an equal environment. */
export function checkSnapshot(snapshot: Snapshot, spec: EnvSpec): void {
  if (!isObject(snapshot)) {
    throw new SnapshotError('no snapshot', { value: snapshot, expected: 'what `snapshot` returned' });
  }
  checkVersion(snapshot.version);
  if (snapshot.envId !== spec.id) {
    throw new SnapshotError(`snapshot of environment ${describeValue(snapshot.envId)}`, {
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

/** The number of rows that a snapshot says it has. */
export function checkCount(count: unknown): number {
  if (Number.isInteger(count) && (count as number) >= 0 && (count as number) < 2 ** 31) return count as number;
  throw new SnapshotError(`a snapshot of ${describeValue(count)} rows`, { value: count, expected: 'a count' });
}

/**
 * One snapshot made of rows of several of the same environment. Rows of a part are of equal width, or bounded by a second
 * part, its name with `.offsets` after it [count + 1].
 * @param from which of `snapshots` row i comes from
 * @param rows its row there
 * @throws ArgumentError, SnapshotError for rows that do not exist and snapshots that do not belong together
 */
export function gatherSnapshot(
  snapshots: readonly Snapshot[],
  from: ArrayLike<number>,
  rows: ArrayLike<number>,
): Snapshot {
  checkRows(snapshots, from, rows);
  const first = snapshots[from[0]];
  const parts: Record<string, ArrayBufferView> = {};
  for (const [name, part] of Object.entries(first.parts)) {
    if (name.endsWith('.offsets') && name.slice(0, -8) in first.parts) continue;
    if (`${name}.offsets` in first.parts) {
      const gathered = gatherBounded(snapshots, name, from, rows);
      parts[name] = gathered.bytes;
      parts[`${name}.offsets`] = gathered.offsets;
      continue;
    }
    const tables = snapshots.map((snapshot) => snapshot.parts[name] as RowArray);
    const width = tables[from[0]].length / first.count;
    checkTables(snapshots, tables, name, part, width);
    const all = new (part.constructor as new (length: number) => RowArray)(from.length * width);
    for (let i = 0; i < from.length; i++) copyRow(tables[from[i]], rows[i], all, i, width);
    parts[name] = all;
  }
  return { ...first, count: from.length, parts };
}

function checkRows(snapshots: readonly Snapshot[], from: ArrayLike<number>, rows: ArrayLike<number>): void {
  if (from.length === 0 || from.length !== rows.length) {
    throw new ArgumentError(`${from.length} snapshots and ${rows.length} rows to gather`, {
      value: from.length,
      expected: 'as many of both, at least one',
    });
  }
  for (let i = 0; i < from.length; i++) {
    const count = snapshots[from[i]]?.count;
    if (count !== undefined && Number.isInteger(rows[i]) && rows[i] >= 0 && rows[i] < count) continue;
    throw new ArgumentError(`row ${rows[i]} of snapshot ${from[i]}`, {
      value: rows[i],
      expected: count === undefined ? `a snapshot 0 … ${snapshots.length - 1}` : `a row 0 … ${count - 1}`,
    });
  }
  const { envId, modelHash } = snapshots[from[0]];
  const other = snapshots.find((snapshot) => snapshot.envId !== envId || snapshot.modelHash !== modelHash);
  if (other === undefined) return;
  throw new SnapshotError('snapshots of different environments', { value: other.envId, expected: envId });
}

function checkTables(
  snapshots: readonly Snapshot[],
  tables: readonly RowArray[],
  name: string,
  part: ArrayBufferView,
  width: number,
): void {
  for (const [i, table] of tables.entries()) {
    if (table?.constructor === part.constructor && table.length === snapshots[i].count * width) continue;
    throw new SnapshotError(`part "${name}" of snapshot ${i} is missing or of another type or size`, { value: name });
  }
}

/** The same for one part whose rows are bounded by offsets, in bytes. */
function gatherBounded(
  snapshots: readonly Snapshot[],
  name: string,
  from: ArrayLike<number>,
  rows: ArrayLike<number>,
): { bytes: Uint8Array<ArrayBuffer>; offsets: Uint32Array } {
  const pieces = Array.from(from, (which, i) => {
    const { parts } = snapshots[which];
    const bytes = parts[name];
    const offsets = parts[`${name}.offsets`];
    const [start, end] = offsets instanceof Uint32Array ? [offsets[rows[i]] ?? 0, offsets[rows[i] + 1] ?? -1] : [0, -1];
    if (bytes instanceof Uint8Array && start <= end && end <= bytes.length) return bytes.subarray(start, end);
    throw new SnapshotError(`part "${name}" of snapshot ${which} has no row ${rows[i]}`, { value: name });
  });
  const offsets = new Uint32Array(pieces.length + 1);
  pieces.forEach((piece, i) => {
    offsets[i + 1] = offsets[i] + piece.length;
  });
  const bytes = new Uint8Array(offsets[pieces.length]);
  pieces.forEach((piece, i) => {
    bytes.set(piece, offsets[i]);
  });
  return { bytes, offsets };
}

/** SHA-256 (hex) of whatever decides whether a snapshot fits: a model's hash, parameters, names. */
export function identityHash(...identity: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(identity, comparable)).digest('hex');
}

/** What JSON would lose or refuse, as text; a function's effect cannot be compared. */
function comparable(key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return `number ${value}`;
  if (typeof value === 'bigint') return `bigint ${value}`;
  if (ArrayBuffer.isView(value)) {
    return { [value.constructor.name]: Array.from(value as unknown as ArrayLike<number>, String) };
  }
  if (value instanceof Map || value instanceof Set) return { [value.constructor.name]: [...value] };
  if (typeof value !== 'function' && typeof value !== 'symbol') return value;
  throw new ArgumentError(`parameter "${key}" is a ${typeof value}`, {
    value,
    expected: 'numbers, text, lists and records: what two environments can be compared by',
  });
}
