import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ArgumentError, MemoryError, RunDirectoryError } from '../../src/base/errors.js';
import { sealJson } from '../../src/base/sealed.js';
import { createEngine } from '../../src/network/engines/index.js';
import { loadPolicy } from '../../src/policy/policy.js';
import { initialPolicyParameters, policyLayout } from '../../src/policy/policy-layout.js';
import { decodeSafetensors } from '../../src/policy/safetensors.js';
import { readPolicy, savePolicy } from '../../src/policy/storage.js';
import type { PolicySpec } from '../../src/policy/types.js';
import { conv, dense } from '../network/specs.js';
import { gaussian } from './specs.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-policy-'));
after(() => rmSync(folder, { recursive: true }));
const spec = gaussian(4, [3], 1);

type Header = Record<string, unknown> | unknown[] | string | null;

function file(header: Header, bytes: number, length?: bigint): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const out = Buffer.alloc(8 + text.length + bytes);
  out.writeBigUInt64LE(length ?? BigInt(text.length));
  text.copy(out, 8);
  return out;
}

const tensor = (shape: unknown, begin: unknown, end: unknown, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test('a safetensors file of someone else’s is believed in nothing', () => {
  const good = { a: tensor([2], 0, 8), b: tensor([1, 3], 8, 20) };
  assert.deepEqual(Object.keys(decodeSafetensors(file(good, 20))), ['a', 'b']);
  const files: Record<string, Uint8Array> = {
    empty: new Uint8Array(0),
    'a header of 2^63 bytes': file(good, 20, 2n ** 63n),
    'a header of 2^64 - 1 bytes': file(good, 20, 2n ** 64n - 1n),
    'no header': file(good, 20, 0n),
    'a list': file([], 0),
    'null for a header': file('null', 0),
    'overlapping tensors': file({ ...good, b: tensor([3], 0, 12) }, 20),
    'a hole': file({ ...good, b: tensor([3], 12, 24) }, 24),
    'bytes behind the last': file(good, 24),
    'bytes missing': file(good, 16),
    'a negative beginning': file({ a: tensor([2], -8, 0) }, 0),
    'an end before its beginning': file({ a: tensor([2], 8, 0) }, 8),
    fractions: file({ a: tensor([1], 0.5, 4.5) }, 8),
    'text for sizes': file({ a: tensor(['2'], 0, 8) }, 8),
    'two negative sizes': file({ a: tensor([-1, -2], 0, 8) }, 8),
    'sizes beyond 2^53': file({ a: tensor([2 ** 40, 2 ** 40], 0, 8) }, 8),
    'another type': file({ a: tensor([2], 0, 8, 'F64') }, 8),
    'no offsets': file({ a: { dtype: 'F32', shape: [2] } }, 8),
    'null for a tensor': file({ a: null }, 0),
  };
  for (const [what, bytes] of Object.entries(files)) {
    assert.throws(
      () => decodeSafetensors(bytes),
      (error: unknown) => error instanceof RangeError || error instanceof SyntaxError,
      what,
    );
  }
  const named = decodeSafetensors(file('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4));
  assert.deepEqual(Object.keys(named), ['__proto__']);
  assert.equal((Object.prototype as { shape?: unknown }).shape, undefined);
});

test('what policy.json promises is held against the stored parameters before memory is taken', async () => {
  await savePolicy(folder, { spec, theta: initialPolicyParameters(spec, 1) });
  const { sha256: _, ...json } = JSON.parse(readFileSync(join(folder, 'policy.json'), 'utf8')) as {
    network: { layers: { units: number }[] };
    parameters: number;
    sha256: string;
  };
  const wide = structuredClone(json);
  wide.network.layers[0].units = 4e8;
  wide.parameters = 6 * 4e8 + 2;
  const promises: object[] = [
    wide,
    { ...json, parameters: 3 },
    { ...json, network: { ...json.network, inputShape: [1e9] } },
    { ...json, network: { ...json.network, inputShape: [1, 1, 1, 4] } },
    { ...json, network: { ...json.network, layers: Array(2000).fill(json.network.layers[0]) } },
  ];
  for (const promise of promises) {
    // With a checksum of its own: what refuses it is the promise.
    writeFileSync(join(folder, 'policy.json'), sealJson(promise));
    const before = process.memoryUsage().arrayBuffers;
    await assert.rejects(readPolicy(folder), (error: unknown) => {
      assert.ok(error instanceof RunDirectoryError);
      assert.doesNotMatch(error.message, /checksum/);
      return true;
    });
    assert.ok(process.memoryUsage().arrayBuffers - before < 1e8);
  }
});

test('feature maps beyond 32 bits, or beyond memory, are refused before they are made', async () => {
  const network = (filters: number, side: number, kernel = 1): PolicySpec => ({
    network: {
      inputShape: [1, side, side],
      inputType: 'uint8',
      inputScaling: null,
      layers: [conv(filters, [kernel, kernel], [1, 1], 'relu'), conv(4, [1, 1], [side, side], 'relu'), dense(2)],
    },
    distribution: { kind: 'gaussian', dimensions: 1 },
  });
  // 2^32 numbers of a feature map.
  assert.throws(() => policyLayout(network(65_536, 256)), ArgumentError);
  // 2^30 of one, 16 observations of which are 64 GiB a thread.
  await assert.rejects(createEngine(network(16_384, 256).network, 'native', { threads: 64 }), MemoryError);
  for (const sizes of [[2 ** 31], [2 ** 30, 2 ** 30], [0], [1.5], [], ['3']]) {
    const given = { network: spec.network, distribution: { kind: 'categorical', sizes } } as unknown as PolicySpec;
    assert.throws(() => policyLayout(given), ArgumentError, String(sizes));
  }
});

test('a specification says what is wrong with it', () => {
  const layer = (given: object) => ({ ...spec, network: { ...spec.network, layers: [given, dense(1)] } }) as PolicySpec;
  assert.throws(
    () => policyLayout(layer({ kind: 'conv', units: 3, activation: 'tanh' })),
    /kind of layer 0 "conv".*conv2d/,
  );
  assert.throws(() => policyLayout(layer({ units: 3, activation: 'tanh' })), /kind of layer 0 "undefined"/);
  assert.throws(
    () => policyLayout(layer({ kind: 'dense', units: 3, activation: 'sigmoid' })),
    /layer 0: activation "sigmoid"/,
  );
  assert.throws(() => policyLayout(layer({ kind: 'dense', units: 3.5, activation: 'tanh' })), /layer 0: units = 3.5/);
  for (const given of [null, 3, 'spec', [], { network: null }]) {
    assert.throws(() => policyLayout(given as unknown as PolicySpec), ArgumentError);
  }
});

test('a specification whose getters answer differently each time is read once', async () => {
  let units = 1;
  const first = {
    kind: 'dense' as const,
    activation: 'tanh' as const,
    get units() {
      return units++ === 1 ? 3 : 1_000_000;
    },
  };
  const engine = await createEngine({ ...spec.network, layers: [first, dense(1)] });
  assert.equal(engine.parameterCount, 4 * 3 + 3 + 3 + 1 + 1);
  assert.equal((await engine.forward(new Float32Array(4), 1)).length, 2);
  engine.close();
});

test('acting: lengths, kinds, emptiness and what is no number', async () => {
  await savePolicy(folder, { spec, theta: initialPolicyParameters(spec, 1) });
  const policy = await loadPolicy(folder, 'native', { threads: 1 });
  assert.equal((await policy.act([])).length, 0);
  assert.equal((await policy.act(new Float32Array(0), { deterministic: true })).length, 0);
  assert.equal((await policy.act([1, 2, 3, 4, 5, 6, 7, 8])).length, 2);
  await assert.rejects(policy.act([1, 2, 3]), /3 numbers.*expected 4 numbers, or rows of 4/);
  await assert.rejects(policy.act([[1, 2, 3, 4]] as unknown as number[]), /flat list/);
  await assert.rejects(policy.act(new Float64Array(4) as unknown as Float32Array), /expected a Float32Array/);
  await assert.rejects(policy.act([1, 2, 3, 4], { determinstic: true } as object), /deterministic/);
  await assert.rejects(policy.act([1, 2, 3, 4, 1, 2, Number.NaN, 4]), /observation 1: its number 2 is NaN/);
  for (const seed of [-1, 0.5, 2 ** 53, Number.NaN, '1'])
    assert.throws(() => policy.reseed(seed as number), ArgumentError);
  policy.reseed(2 ** 32 + 5);
  const high = await policy.act([1, 2, 3, 4]);
  policy.reseed(5);
  assert.notDeepEqual(await policy.act([1, 2, 3, 4]), high);
  policy.close();
  assert.throws(() => initialPolicyParameters(spec, 2 ** 53), /2\^53 - 1/);
  assert.throws(() => initialPolicyParameters(spec, 1, { standardDeviation: 0 }), ArgumentError);
});
