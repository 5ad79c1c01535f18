import { appendFileSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ArgumentError } from '../../base/errors.js';
import type { LoggerDefinition } from '../logger.js';

/** Event files for TensorBoard in the folder `tensorboard` of the run directory; their step is the iteration. */
export const tensorboardLogger = {
  name: 'tensorboard',
  summary: "event files for TensorBoard in the run directory's folder tensorboard",
  create() {
    let file = '';
    const write = (event: Uint8Array) => appendFileSync(file, record(event));
    const scalars = (group: string, step: number, figures: Readonly<Record<string, number>>) => {
      const values = Object.entries(figures).filter(([name, value]) => Number.isFinite(value) && !COUNTERS.has(name));
      const summary = values.map(([name, value]) =>
        bytesField(1, concat(bytesField(1, Buffer.from(`${group}/${name}`)), floatField(2, value))),
      );
      write(concat(stamp(step), bytesField(5, concat(...summary))));
    };
    return {
      onStart({ directory, rows }) {
        if (directory === null) {
          throw new ArgumentError('the logger "tensorboard" has nowhere to write', { expected: 'a run directory' });
        }
        const folder = join(directory, 'tensorboard');
        mkdirSync(folder, { recursive: true });
        const seconds = Math.floor(Date.now() / 1000);
        file = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}`);
        write(concat(stamp(0), bytesField(3, Buffer.from('brain.Event:2'))));
        // A session that starts: what an earlier one wrote of these iterations and later is dropped.
        if (rows.length > 0) write(concat(stamp(rows.length), bytesField(7, varintField(1, 1))));
      },
      onIteration: ({ row }) => scalars('progress', row.iteration, row),
      onEvaluation: ({ evaluation }) => scalars('evaluation', evaluation.iteration, evaluation),
    };
  },
} satisfies LoggerDefinition;

const COUNTERS: ReadonlySet<string> = new Set(['iteration']);

// Protocol buffers, as far as an Event needs them: wall_time = 1, step = 2, file_version = 3, summary = 5,
// session_log = 7; a summary's values have tag = 1 and simple_value = 2.

const stamp = (step: number) => concat(doubleField(1, Date.now() / 1000), varintField(2, step));
const concat = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

const varintField = (field: number, value: number) => concat(varint(8 * field), varint(value));
const bytesField = (field: number, bytes: Uint8Array) => concat(varint(8 * field + 2), varint(bytes.length), bytes);

function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return concat(varint(8 * field + 1), bytes);
}

function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return concat(varint(8 * field + 5), bytes);
}

/** A TFRecord: length (uint64), its masked checksum, the data, their masked checksum. */
function record(data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeUInt32LE(data.length);
  const checksum = (bytes: Uint8Array) => {
    const crc = crc32c(bytes);
    const masked = Buffer.alloc(4);
    masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
    return masked;
  };
  return concat(length, checksum(length), data, checksum(data));
}

/** Castagnoli's polynomial, reflected. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** CRC-32C of some bytes. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}
