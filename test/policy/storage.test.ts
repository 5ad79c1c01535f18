import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RunDirectoryError } from '../../src/base/errors.js';
import { openSealed } from '../../src/base/sealed.js';
import { loadPolicy } from '../../src/policy/policy.js';
import { initialPolicyParameters } from '../../src/policy/policy-layout.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/policy/safetensors.js';
import { readPolicy, savePolicy } from '../../src/policy/storage.js';
import { gaussian, policies } from './specs.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trellis-policy-'));
});
after(() => rm(folder, { recursive: true }));

test('policies come back as they were saved', async () => {
  for (const [name, spec] of Object.entries(policies)) {
    const theta = initialPolicyParameters(spec, 3);
    await savePolicy(join(folder, name), { spec, theta, metadata: { environment: 'x' } });
    const stored = await readPolicy(join(folder, name));
    assert.deepEqual(stored, { spec, theta, metadata: { environment: 'x' } });
  }
});

test('policies of version 1: a Gaussian’s log standard deviations went without saying', async () => {
  const path = join(folder, 'version-1');
  const spec = gaussian(3, [2], 2);
  const theta = initialPolicyParameters(spec, 3);
  await savePolicy(path, { spec, theta });
  const json = openSealed(await readFile(join(path, 'policy.json'), 'utf8'));
  const { stateIndependentOutputs, ...network } = json['network'] as Record<string, unknown>;
  assert.equal(stateIndependentOutputs, 2);
  await writeFile(join(path, 'policy.json'), JSON.stringify({ ...json, version: 1, network }));
  const tensors = decodeSafetensors(await readFile(join(path, 'policy.safetensors')));
  const { state_independent: logStds, ...rest } = tensors;
  await writeFile(join(path, 'policy.safetensors'), encodeSafetensors({ ...rest, log_std: logStds! }));
  assert.deepEqual(await readPolicy(path), { spec, theta, metadata: {} });
});

test('a distribution that nobody registered, and a network that does not fit, are said to be so', async () => {
  const path = join(folder, 'strange');
  const spec = gaussian(3, [2], 2);
  await savePolicy(path, { spec, theta: initialPolicyParameters(spec, 3) });
  const text = JSON.stringify(openSealed(await readFile(join(path, 'policy.json'), 'utf8')));
  const read = async (from: string, to: string) => {
    assert.ok(text.includes(from));
    await writeFile(join(path, 'policy.json'), text.replace(from, to));
    return readPolicy(path);
  };
  await assert.rejects(read('"gaussian"', '"gausian"'), /unknown distribution "gausian".*Did you mean "gaussian"/);
  await assert.rejects(
    read('"dimensions":2', '"dimensions":3'),
    /4 outputs for a gaussian distribution.*6 outputs.*emit 3 and 3/,
  );
  await assert.rejects(read('"kind":"dense"', '"kind":"dens"'), /kind of layer 0 "dens"/);
});

test('committed policies of version 1 load', async () => {
  const { spec, theta } = await readPolicy('results/atari/pong-single-path-seed1');
  assert.equal(spec.network.stateIndependentOutputs, undefined);
  assert.equal(theta.length, 33_500);
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
  const spec = gaussian(9, [30], 2);
  const theta = initialPolicyParameters(spec, 3);
  await savePolicy(path, { spec, theta });
  const tensors = await readFile(join(path, 'policy.safetensors'));
  await writeFile(join(path, 'policy.safetensors'), tensors.subarray(0, tensors.length - 4));
  await assert.rejects(readPolicy(path), RunDirectoryError);
  await savePolicy(path, { spec: gaussian(4, [], 1), theta: new Float32Array(6) });
  await writeFile(join(path, 'policy.safetensors'), tensors);
  await assert.rejects(readPolicy(path), /layers\.0\.weight/);
  const text = await readFile(join(path, 'policy.json'), 'utf8');
  await writeFile(join(path, 'policy.json'), text.replace('"version": 2', '"version": 99'));
  await assert.rejects(readPolicy(path), RunDirectoryError);
  await assert.rejects(savePolicy(path, { spec, theta: new Float32Array(3) }), /length 3/);
});

test('a loaded policy acts', async () => {
  const spec = gaussian(9, [30], 2);
  await savePolicy(join(folder, 'acting'), { spec, theta: initialPolicyParameters(spec, 3) });
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
