import { sha256 } from './sha256.js';

/** JSON text of an object with its own checksum as the last key, `sha256`. */
export function sealJson(value: object): string {
  const plain = JSON.parse(JSON.stringify(value)) as object;
  return `${JSON.stringify({ ...plain, sha256: sha256(JSON.stringify(plain)) }, null, 2)}\n`;
}

/**
 * The object in a JSON text, without its checksum. A text without one, as earlier versions wrote it, is taken as it is.
 * @throws SyntaxError if it is no JSON, RangeError if it is no object or does not match its checksum
 */
export function openSealed(text: string): Record<string, unknown> {
  const value = JSON.parse(text) as Record<string, unknown> | null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new RangeError('it is no JSON object');
  if (!Object.hasOwn(value, 'sha256')) {
    const last = Object.values(value).at(-1);
    if (typeof last === 'string' && /^[0-9a-f]{64}$/.test(last)) throw new RangeError('its checksum has another name');
    return value;
  }
  const { sha256: sealed, ...plain } = value;
  if (sealed !== sha256(JSON.stringify(plain))) throw new RangeError('it does not match its checksum');
  return plain;
}
