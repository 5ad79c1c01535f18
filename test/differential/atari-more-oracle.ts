import { Buffer } from 'node:buffer';
import { askOracle } from './oracle-process.js';

/** The rows that atari_more_oracle.py gives for these jobs, one job's behind the other's. */
export const oracle = (...jobs: object[]): Promise<Buffer> => askOracle('atari_more_oracle.py', ...jobs);

export const base64 = (array: Uint8Array | Float32Array): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');

/** Rows of words, as the oracle writes them. */
export function words(rows: readonly (readonly number[])[]): Buffer {
  return Buffer.from(Uint32Array.from(rows.flat().map((value) => value >>> 0)).buffer);
}

/** The number of the first row that differs, or -1. */
export function differs(ours: Buffer, theirs: Buffer, row: number): number {
  if (ours.equals(theirs)) return -1;
  for (let at = 0; at < ours.length; at += row) {
    if (!ours.subarray(at, at + row).equals(theirs.subarray(at, at + row))) return at / row;
  }
  return ours.length / row;
}
