/** An argument as the journal shows it: enough to see what was passed, without running its code. */
export function describe(value: unknown, depth = 0): string {
  try {
    if (typeof value === 'string') return JSON.stringify(value.slice(0, 30));
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'function') return 'function';
    if (typeof value !== 'object' || value === null) return String(value);
    if (ArrayBuffer.isView(value)) {
      const tag = Object.prototype.toString.call(value).slice(8, -1);
      const kind = value.buffer instanceof SharedArrayBuffer ? ' shared' : '';
      return `${tag}[${value.byteLength} bytes at ${value.byteOffset}${kind}]`;
    }
    if (Array.isArray(value)) {
      return `Array(${value.length})${depth < 1 ? `[${value.slice(0, 4).map((x) => describe(x, depth + 1))}]` : ''}`;
    }
    if (depth > 1) return 'object';
    const parts = Object.entries(Object.getOwnPropertyDescriptors(value)).slice(0, 8);
    return `{${parts.map(([key, { get, value: of }]) => `${key}: ${get ? 'getter' : describe(of, depth + 1)}`).join(', ')}}`;
  } catch {
    return 'object';
  }
}
