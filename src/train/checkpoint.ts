import { createHash } from 'node:crypto';
import type { AlgorithmState, StateArray } from '../algorithms/types.js';
import { describeValue, typedArrayType } from '../base/describe.js';
import { ArgumentError, RunDirectoryError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';

/** All a run needs to go on after `iteration` iterations. No batch, no generator state: draws are keyed by counters. */
export interface Checkpoint {
  /** Iterations done; the next one has this number. */
  readonly iteration: number;
  readonly simulatorSteps: number;
  /** Episodes ended by a diverged simulator so far */
  readonly diverged: number;
  readonly method: string;
  readonly state: AlgorithmState;
  /** What the run directory held then; missing in checkpoints of version 0.1.0. */
  readonly files?: CheckpointFiles;
}

export interface CheckpointFiles {
  /** SHA-256 of the rows of progress.csv without those columns that tell the time, which differ from run to run */
  readonly progress: string;
  /** SHA-256 of config.json without the number of iterations, which may grow */
  readonly config: string;
}

const MAGIC = 'TRELLISC';
export const CHECKPOINT_VERSION = 1;
const HASH_BYTES = 32;
const arrayTypes = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type ArrayType = keyof typeof arrayTypes;

interface Header extends Omit<Checkpoint, 'state'> {
  arrays: { name: string; type: ArrayType; length: number }[];
}

/** @throws ArgumentError naming what of a state is no typed array */
export function checkState(state: AlgorithmState, method: string): AlgorithmState {
  const what = `saveState() of method "${method}"`;
  if (!isObject(state)) {
    throw new ArgumentError(`${what}: ${describeValue(state)}`, {
      value: state,
      expected: 'an object of typed arrays',
    });
  }
  for (const [name, array] of Object.entries(state)) {
    if (Object.hasOwn(arrayTypes, typedArrayType(array) ?? '')) continue;
    throw new ArgumentError(`${what}: "${name}" is ${describeValue(array)}`, {
      value: array,
      expected: `one of ${Object.keys(arrayTypes).join(', ')}`,
    });
  }
  return state;
}

/**
 * @param fresh state of the algorithm that is to go on
 * @param variable names, or beginnings with a "*" after, of arrays that may be of any length or missing
 * @throws RunDirectoryError naming the array of a checkpoint that has another shape
 */
export function checkStateShape(
  { state, method }: Pick<Checkpoint, 'state' | 'method'>,
  fresh: AlgorithmState,
  variable: readonly string[] = [],
): void {
  const varies = (name: string) =>
    variable.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
  const shape = (array: StateArray | undefined, name: string) => {
    if (array === undefined) return 'nothing';
    return varies(name) ? array.constructor.name : `${array.constructor.name} of ${array.length}`;
  };
  for (const name of new Set([...Object.keys(state), ...Object.keys(fresh)])) {
    const missing = state[name] === undefined || fresh[name] === undefined;
    const [saved, expected] = [shape(state[name], name), shape(fresh[name], name)];
    if (saved === expected || (missing && varies(name))) continue;
    throw new RunDirectoryError(`the checkpoint has ${saved} as "${name}" of method "${method}"`, {
      value: name,
      expected,
      hint: 'The method was changed since: go on with the one that the run was begun with, or start a new run',
    });
  }
}

/**
 * Bytes of a checkpoint: magic (8), version and header length (uint32 little-endian), header (JSON), the arrays one after
 * the other, SHA-256 of all that.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { state, ...rest } = checkpoint;
  const entries = Object.entries(state);
  const header: Header = {
    ...rest,
    arrays: entries.map(([name, array]) => ({
      name,
      type: array.constructor.name as ArrayType,
      length: array.length,
    })),
  };
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(16);
  prefix.write(MAGIC, 0, 'latin1');
  prefix.writeUInt32LE(CHECKPOINT_VERSION, 8);
  prefix.writeUInt32LE(json.length, 12);
  const arrays = entries.map(([, array]) => Buffer.from(array.buffer, array.byteOffset, array.byteLength));
  const body = Buffer.concat([prefix, json, ...arrays]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

/** @throws RunDirectoryError if the bytes are damaged or of another version. @param path for messages */
export function decodeCheckpoint(bytes: Uint8Array, path: string): Checkpoint {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 16 + HASH_BYTES || buffer.toString('latin1', 0, 8) !== MAGIC) {
    throw damaged(path, 'is not a checkpoint');
  }
  const version = buffer.readUInt32LE(8);
  if (version !== CHECKPOINT_VERSION) {
    throw new RunDirectoryError(`${path} has format version ${version}`, {
      value: version,
      expected: `version ${CHECKPOINT_VERSION}`,
      hint: 'Resume with the version of trellis-rl named in config.json, or start a new run',
    });
  }
  const body = buffer.subarray(0, -HASH_BYTES);
  const hash = createHash('sha256').update(body).digest();
  if (!hash.equals(buffer.subarray(-HASH_BYTES))) throw damaged(path, 'is damaged');
  const headerEnd = 16 + buffer.readUInt32LE(12);
  const { arrays, ...rest } = JSON.parse(buffer.toString('utf8', 16, headerEnd)) as Header;
  const state: AlgorithmState = {};
  let at = headerEnd;
  for (const { name, type, length } of arrays) {
    const size = length * arrayTypes[type].BYTES_PER_ELEMENT;
    // Copied, since the arrays need not be aligned in the file.
    state[name] = new arrayTypes[type](Uint8Array.from(body.subarray(at, at + size)).buffer);
    at += size;
  }
  return { ...rest, state };
}

function damaged(path: string, what: string): RunDirectoryError {
  return new RunDirectoryError(`${path} ${what}`, {
    value: path,
    hint: 'Restore the file from a copy, or delete it together with progress.csv to begin the run anew',
  });
}
