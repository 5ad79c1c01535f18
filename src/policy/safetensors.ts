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
  const unpadded = JSON.stringify(header);
  const text = new TextEncoder().encode(unpadded.padEnd(Math.ceil(unpadded.length / 8) * 8));
  const file = new Uint8Array(8 + text.length + size);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const { data } of Object.values(tensors)) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return file;
}

/** @throws RangeError if the file is damaged or holds anything but float32 tensors */
export function decodeSafetensors(file: Uint8Array): Record<string, Tensor> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = file.byteLength < 8 ? -1 : Number(view.getBigUint64(0, true));
  if (headerLength < 2 || 8 + headerLength > file.byteLength) throw new RangeError('not a safetensors file');
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerLength))) as Record<string, Entry>;
  const tensors: Record<string, Tensor> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [begin, end] = entry.data_offsets;
    const count = entry.shape.reduce((a, b) => a * b, 1);
    const fits = Number.isSafeInteger(begin) && begin >= 0 && 8 + headerLength + end <= file.byteLength;
    if (entry.dtype !== 'F32' || !fits || end - begin !== 4 * count) {
      throw new RangeError(`tensor ${name}: dtype ${entry.dtype}, shape [${entry.shape}], bytes ${begin} to ${end}`);
    }
    const data = new Float32Array(count);
    for (let i = 0; i < count; i++) data[i] = view.getFloat32(8 + headerLength + begin + 4 * i, true);
    tensors[name] = { shape: entry.shape, data };
  }
  return tensors;
}
