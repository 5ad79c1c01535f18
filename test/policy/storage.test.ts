import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RunDirectoryError } from '../../src/base/errors.js';
import { initialParameters } from '../../src/policy/network.js';
import { loadPolicy } from '../../src/policy/policy.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/policy/safetensors.js';
import { readPolicy, savePolicy } from '../../src/policy/storage.js';
import { atari, samples } from './specs.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trellis-policy-'));
});
after(() => rm(folder, { recursive: true }));

test('policies come back as they were saved', async () => {
  for (const [name, spec] of Object.entries({ ...samples, atari })) {
    const theta = initialParameters(spec, 3);
    await savePolicy(join(folder, name), { spec, theta, metadata: { environment: 'x' } });
    const stored = await readPolicy(join(folder, name));
    assert.deepEqual(stored, { spec, theta, metadata: { environment: 'x' } });
  }
});

test('safetensors: header, alignment, round trip', () => {
  const tensors = {
    a: { shape: [2, 3], data: Float32Array.of(1, 2, 3, -4, 5.5, Number.NEGATIVE_INFINITY) },
    empty: { shape: [0], data: new Float32Array(0) },
    b: { shape: [], data: Float32Array.of(7) },
  };
  const file = encodeSafetensors(tensors);
  const headerLength = Number(new DataView(file.buffer).getBigUint64(0, true));
  assert.equal(headerLength % 8, 0);
  assert.equal(file.length, 8 + headerLength + 28);
  assert.deepEqual({ ...decodeSafetensors(file) }, tensors);
  for (const length of [0, 7, 20, file.length - 1]) {
    assert.throws(() => decodeSafetensors(file.subarray(0, length)));
  }
});

test('missing, damaged and foreign files are refused', async () => {
  const path = join(folder, 'damaged');
  await assert.rejects(readPolicy(path), RunDirectoryError);
  const spec = samples['softplus, gaussian']!;
  const theta = initialParameters(spec, 3);
  await savePolicy(path, { spec, theta });
  const tensors = await readFile(join(path, 'policy.safetensors'));
  await writeFile(join(path, 'policy.safetensors'), tensors.subarray(0, tensors.length - 4));
  await assert.rejects(readPolicy(path), RunDirectoryError);
  await savePolicy(path, { spec: samples['no hidden layer']!, theta: new Float32Array(6) });
  await writeFile(join(path, 'policy.safetensors'), tensors);
  await assert.rejects(readPolicy(path), /layers\.0\.weight/);
  const text = await readFile(join(path, 'policy.json'), 'utf8');
  await writeFile(join(path, 'policy.json'), text.replace('"version": 1', '"version": 99'));
  await assert.rejects(readPolicy(path), RunDirectoryError);
  await assert.rejects(savePolicy(path, { spec, theta: new Float32Array(3) }), /length 3/);
});

test('a loaded policy acts', async () => {
  const spec = samples['softplus, gaussian']!;
  await savePolicy(join(folder, 'acting'), { spec, theta: initialParameters(spec, 3) });
  const policy = await loadPolicy(join(folder, 'acting'));
  const observation = Array.from({ length: 9 }, (_, i) => Math.sin(i));
  const best = await policy.act(observation, { deterministic: true });
  assert.equal(best.length, 2);
  assert.deepEqual(await policy.act(observation, { deterministic: true }), best);
  const first = await policy.act(observation);
  assert.notDeepEqual(await policy.act(observation), first);
  policy.reseed(0);
  assert.deepEqual(await policy.act(observation), first);
  const two = await policy.act([...observation, ...observation], { deterministic: true });
  assert.deepEqual(Array.from(two), [...best, ...best]);
  policy.close();
});
