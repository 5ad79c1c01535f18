import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { uniform } from '../../src/base/random.js';
import { deserializeSnapshot, serializeSnapshot } from '../../src/env/snapshot-bytes.js';
import type { Snapshot, VectorEnv } from '../../src/env/types.js';

type Parts = Record<string, unknown>;

/** Snapshots that no environment made: one fault each, in every part. */
export function* forgeries(saved: Snapshot): Generator<[string, Snapshot]> {
  const withParts = (parts: Parts): Snapshot => ({ ...saved, parts: parts as Snapshot['parts'] });
  for (const count of [-1, 0, saved.count - 1, saved.count + 1, 2 ** 31, 2 ** 53, 1.5, NaN, '2', null, undefined]) {
    yield [`count ${count}`, { ...saved, count: count as number }];
  }
  for (const parts of [undefined, null, 7, {}, []]) yield [`parts ${parts}`, withParts(parts as unknown as Parts)];
  yield ['an unknown part', withParts({ ...saved.parts, extra: new Float64Array(saved.count) })];
  for (const [name, part] of Object.entries(saved.parts) as [string, Float64Array][]) {
    const Type = part.constructor as Float64ArrayConstructor;
    const bytes = new Uint8Array(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength);
    const shared = new Type(new SharedArrayBuffer(part.byteLength) as unknown as ArrayBuffer);
    const detached = part.slice();
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const long = Object.defineProperty(new Type(0), 'length', { value: part.length });
    const { [name]: _, ...rest } = saved.parts;
    yield [`${name} missing`, withParts(rest)];
    yield [`${name} inherited`, withParts(Object.assign(Object.create({ [name]: part }), rest))];
    const others: [string, unknown][] = [
      ['null', null],
      ['a list', [...part]],
      ['empty', new Type(0)],
      ['short', part.slice(0, -1)],
      ['long', new Type([...part, part[0]])],
      ['of bytes', Type === (Uint8Array as unknown) ? new Int8Array(bytes) : bytes],
      ['a DataView', new DataView(part.buffer, part.byteOffset, part.byteLength)],
      ['shared', shared],
      ['detached', detached],
      ['claiming a length', long],
    ];
    for (const [what, other] of others) yield [`${name} ${what}`, withParts({ ...saved.parts, [name]: other })];
  }
}

/** The bytes of a snapshot with another header, signed again. */
export function reheaded(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  const data = Buffer.from(bytes);
  const length = data.readUInt32LE(16);
  const text = Buffer.from(change(data.toString('utf8', 20, 20 + length)));
  const prefix = Buffer.alloc(Math.ceil((20 + text.length) / 8) * 8);
  data.copy(prefix, 0, 0, 16);
  prefix.writeUInt32LE(text.length, 16);
  text.copy(prefix, 20);
  const body = Buffer.concat([prefix, data.subarray(Math.ceil((20 + length) / 8) * 8, data.length - 32)]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

interface Header {
  parts: Record<string, unknown>[];
}

/** Headers that contradict what follows them. */
export function* headers(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  const whole = (change: (header: Header) => unknown) =>
    reheaded(bytes, (text) => JSON.stringify(change(JSON.parse(text) as Header)));
  const edit = (changes: object) => whole((header) => ({ ...header, ...changes }));
  const first = (changes: object) =>
    whole((header) => ({ ...header, parts: [{ ...header.parts[0], ...changes }, ...header.parts.slice(1)] }));
  for (const size of [-8, 1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, null, '8']) {
    yield [`bytes ${size}`, first({ bytes: size })];
  }
  for (const type of ['Float16Array', 'constructor', '__proto__', 'DataView', 7, null]) {
    yield [`type ${type}`, first({ type })];
  }
  yield ['a part twice', whole((header) => ({ ...header, parts: [...header.parts, header.parts[0]] }))];
  yield ['one part less', whole((header) => ({ ...header, parts: header.parts.slice(1) }))];
  yield ['a part without name', first({ name: undefined })];
  yield ['an unknown key', edit({ extra: 1 })];
  for (const count of [-1, 0.5, null, 'x']) yield [`count ${count}`, edit({ count })];
  for (const other of [null, [], 7, 'x', {}]) yield [`header ${JSON.stringify(other)}`, whole(() => other)];
  yield ['no JSON', reheaded(bytes, () => '{')];
  const long = Buffer.from(bytes);
  long.writeUInt32LE(0xffffffff, 16);
  yield ['a header longer than all', long];
}

/**
 * Restores each forgery and each snapshot with random changes. Whatever is refused is a SnapshotError that changes
 * nothing; what is taken (a number in a state) must leave an environment that steps.
 */
export function attackSnapshots(env: VectorEnv, step: () => void, tries: number): void {
  const slots = Array.from({ length: env.slots }, (_, slot) => slot);
  const saved = env.snapshot();
  const before = serializeSnapshot(saved);
  for (const [what, forged] of forgeries(saved)) {
    assert.throws(
      () => env.restore(forged, slots, { rows: slots }),
      (error: { code?: string }) => error.code === 'ERR_SNAPSHOT' || error.code === 'ERR_ARGUMENT',
      what,
    );
    assert.deepEqual(serializeSnapshot(env.snapshot()), before, what);
  }
  for (const [what, bytes] of headers(before)) {
    assert.throws(() => deserializeSnapshot(bytes), { code: 'ERR_SNAPSHOT' }, what);
  }
  const names = Object.keys(saved.parts);
  for (let attempt = 0; attempt < tries; attempt++) {
    const draw = (i: number, count: number) => Math.floor(count * uniform(attempt, 5, 0, i));
    const forged = deserializeSnapshot(before);
    const part = forged.parts[names[draw(0, names.length)]] as Uint8Array;
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    for (let i = 0; i <= draw(1, 4) && bytes.length > 0; i++) {
      bytes[draw(2 + 2 * i, bytes.length)] = draw(3 + 2 * i, 2) === 0 ? 255 : draw(4 + 2 * i, 256);
    }
    try {
      env.restore(forged, slots);
      step();
    } catch (error) {
      const { code } = error as { code?: string };
      assert.ok(['ERR_SNAPSHOT', 'ERR_ARGUMENT', 'ERR_DIVERGED'].includes(code!), `${attempt}: ${error}`);
    }
  }
  env.restore(saved, slots);
}
