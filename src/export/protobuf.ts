/** As much of the protocol buffers' wire format as an ONNX file takes. A message is the concatenation of its fields. */

const encoder = new TextEncoder();

export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function varint(value: number | bigint): Uint8Array {
  // Negative numbers are their 64-bit two's complement.
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

/** An integer (or enumeration) field. */
export function integer(field: number, value: number | bigint): Uint8Array {
  return concatenate([varint(field << 3), varint(value)]);
}

/** A field of single precision. */
export function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concatenate([varint((field << 3) | 5), bytes]);
}

/** A field of bytes, which may be a message. */
export function bytes(field: number, value: Uint8Array): Uint8Array {
  return concatenate([varint((field << 3) | 2), varint(value.length), value]);
}

export function text(field: number, value: string): Uint8Array {
  return bytes(field, encoder.encode(value));
}

export function message(field: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return bytes(field, concatenate(fields));
}

/** A repeated integer field, packed as proto3 has it. */
export function integers(field: number, values: readonly number[]): Uint8Array {
  return bytes(field, concatenate(values.map(varint)));
}
