import { sha256 } from '../base/sha256.js';

/**
 * The safetensors format, float32 tensors only: 8 bytes length of the header (little-endian), the header as JSON
 * (name → dtype, shape, data_offsets), then the data.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Tensors in the given order as one file. */
export function encodeSafetensors(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const header: Record<string, Entry> = {};
  let size = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape: [...shape], data_offsets: [size, size + data.byteLength] };
    size += data.byteLength;
  }
  const bytes = new Uint8Array(size);
  const values = new DataView(bytes.buffer);
  let at = 0;
  for (const { data } of Object.values(tensors)) {
    for (const value of data) {
      values.setFloat32(at, value, true);
      at += 4;
    }
  }
  const unpadded = JSON.stringify({ __metadata__: { trellis_sha256: checksum(header, bytes) }, ...header });
  const text = new TextEncoder().encode(unpadded.padEnd(Math.ceil(unpadded.length / 8) * 8));
  const file = new Uint8Array(8 + text.length + size);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(bytes, 8 + text.length);
  return file;
}

/** Of names, shapes and values. Files of others have none. */
function checksum(header: object, bytes: Uint8Array): string {
  return sha256(JSON.stringify(header), bytes);
}

/** Headers of our own policies are some kilobytes; a longer one is no policy's. */
const LONGEST_HEADER = 2 ** 24;

/**
 * Reads a file that may be anyone's: every size is checked against the file before memory is taken for it, and the
 * tensors must lie one behind the other and fill the file, so that they take no more memory than it has bytes.
 * @throws RangeError if the file is damaged or holds anything but float32 tensors
 */
export function decodeSafetensors(file: Uint8Array): Record<string, Tensor> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = file.byteLength < 8 ? -1 : Number(view.getBigUint64(0, true));
  const start = 8 + headerLength;
  if (headerLength < 2 || headerLength > LONGEST_HEADER || start > file.byteLength) {
    throw new RangeError('not a safetensors file');
  }
  const text: unknown = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
  if (typeof text !== 'object' || text === null || Array.isArray(text)) throw new RangeError('no header');
  const { __metadata__: notes, ...header } = text as Record<string, unknown>;
  const sealed = (notes as { trellis_sha256?: unknown } | undefined)?.trellis_sha256;
  if (sealed !== undefined && sealed !== checksum(header, file.subarray(start))) {
    throw new RangeError('the tensors do not match their checksum');
  }
  const entries = Object.entries(header)
    .map(([name, entry]) => ({ name, ...checkedEntry(name, entry) }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) throw new RangeError(`tensor ${name}: begins at byte ${begin}, expected ${at}`);
    at = end;
  }
  if (start + at !== file.byteLength) {
    throw new RangeError(`${file.byteLength - start} bytes of data, expected ${at}`);
  }
  // No prototype: a tensor may have any name.
  const tensors = Object.create(null) as Record<string, Tensor>;
  for (const { name, shape, begin, end } of entries) {
    const data = new Float32Array((end - begin) / 4);
    for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(start + begin + 4 * i, true);
    tensors[name] = { shape, data };
  }
  return tensors;
}

function checkedEntry(name: string, given: unknown): { shape: number[]; begin: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = (given ?? {}) as Partial<Record<keyof Entry, unknown>>;
  const sizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (dtype === 'F32' && sizes(shape) && sizes(offsets) && offsets.length === 2) {
    const [begin, end] = offsets as [number, number];
    // A product beyond 2^53 is not exact, but neither is it the length of any file.
    if (end >= begin && end - begin === 4 * shape.reduce((a, b) => a * b, 1)) return { shape, begin, end };
  }
  const text = JSON.stringify(given) ?? '';
  throw new RangeError(`tensor ${name}: ${text.length > 100 ? `${text.slice(0, 100)}…` : text}`);
}
