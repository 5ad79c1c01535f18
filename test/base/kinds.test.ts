import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { TrellisError } from '../../src/base/errors.js';
import { isInstance, isList, isObject } from '../../src/base/kinds.js';
import { parseOptions, readOptions } from '../../src/base/options.js';
import { defineEnv } from '../../src/env/define-env.js';
import { deserializeSnapshot, serializeSnapshot } from '../../src/env/snapshot-bytes.js';
import { box } from '../../src/env/spaces.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { createEngine } from '../../src/network/engines/index.js';
import { makeDistribution } from '../../src/policy/distribution.js';
import { Policy } from '../../src/policy/policy.js';
import { resolveConfig } from '../../src/train/config.js';

/** Whatever is asked of it throws a TypeError. */
function revoked(target: object): never {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy as never;
}

test('kinds of values, of a revoked proxy none', () => {
  assert.ok(isObject({}) && isObject([]) && isObject(new Date()) && !isObject(null) && !isObject('a'));
  assert.ok(isList([]) && !isList({ length: 0 }) && !isList(new Float32Array(1)) && !isList(undefined));
  assert.ok(isInstance(new Date(), Date) && !isInstance({}, Date) && !isInstance(null, Date));
  for (const target of [{}, [], new Date()]) {
    assert.ok(!isObject(revoked(target)) && !isList(revoked(target)) && !isInstance(revoked(target), Date));
  }
});

test('a revoked proxy is a typed error at every door', async () => {
  const env = defineEnv({
    id: 'still',
    parameters: {},
    stateSize: 1,
    observation: 1,
    action: box([1], -1, 1),
    maxEpisodeSteps: 5,
    secondsPerStep: 1,
    start() {},
    step() {},
  }).make(2);
  env.reset();
  const model = MujocoModel.fromXml('<mujoco><worldbody><body><joint/><geom size="0.1"/></body></worldbody></mujoco>');
  const batch = new MujocoBatch(model, { slots: 2, threads: 1 });
  const network = { inputShape: [2], inputType: 'float32', inputScaling: null, layers: [] } as const;
  const doors: Record<string, () => unknown> = {
    readOptions: () => readOptions(revoked({}), ['a'] as never[], 'options'),
    parseOptions: () => parseOptions(z.strictObject({}), revoked({}), 'options'),
    'a value among options': () => parseOptions(z.strictObject({ a: z.number() }), { a: revoked({}) }, 'options'),
    'step options': () => batch.step(1, revoked({})),
    slots: () => batch.step(1, { slots: revoked([]) }),
    columns: () => batch.gather(revoked([])),
    controls: () => batch.setControls(revoked([])),
    model: () => new MujocoBatch(revoked(model), { slots: 1 }),
    space: () => box(revoked([]), -1, 1),
    keys: () => env.reset([0], revoked([])),
    snapshot: () => env.restore(revoked({}), [0]),
    'bytes of a snapshot': () => serializeSnapshot(revoked({})),
    'a snapshot’s bytes': () => deserializeSnapshot(revoked(new Uint8Array(4))),
    distribution: () => makeDistribution(revoked({})),
    layers: () => createEngine({ ...network, layers: revoked([]) }),
    policy: () => Policy.create(revoked({})),
    configuration: () => resolveConfig(revoked({})),
  };
  for (const [what, call] of Object.entries(doors)) {
    await assert.rejects(
      async () => call(),
      (error: unknown) => error instanceof TrellisError || assert.fail(`${what}: ${error}`),
      what,
    );
  }
  batch.close();
});
