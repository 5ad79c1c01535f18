/** Exported ONNX models in the two runtimes for JavaScript, against the policy they were made of. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hopper } from '../../envs/mujoco/hopper.js';
import { policyToOnnx } from '../../src/export/onnx.js';
import { registerDistribution } from '../../src/policy/distribution.js';
import { DiagonalGaussian } from '../../src/policy/gaussian.js';
import { initialPolicyParameters } from '../../src/policy/policy-layout.js';
import { policySpecFor } from '../../src/policy/settings.js';
import { readPolicy, type StoredPolicy } from '../../src/policy/storage.js';
import type { PolicySpec } from '../../src/policy/types.js';
import { trialObservations, trialParameters } from '../network/conformance.js';
import { policies } from '../policy/specs.js';
import { type Comparison, compareWithPolicy } from './comparison.js';
import { type OnnxRuntime, openRuntime, runtimes } from './runtimes.js';

/** Observations of the comparisons with the networks of the presets; the others need few. */
const MANY = Number(process.env['TRELLIS_ONNX_OBSERVATIONS'] ?? 10_000);
const FRAMES = Number(process.env['TRELLIS_ONNX_OBSERVATIONS'] ?? 200);

const open = new Map<string, OnnxRuntime>();
/** One that cannot be loaded where the tests run (scripts/platforms). */
const without = process.env['TRELLIS_WITHOUT'];
const skipOf = (name: string) => name === without && `${name} does not load here`;
before(async () => {
  for (const name of ['onnxruntime-node', 'onnxruntime-web'] as const) {
    if (name !== without) open.set(name, await openRuntime(name));
  }
});

const compare = (name: string, stored: StoredPolicy, observations: Float32Array | Uint8Array): Promise<Comparison> =>
  compareWithPolicy(open.get(name)!, runtimes[name as keyof typeof runtimes], stored, observations);

const trial = (spec: PolicySpec): StoredPolicy => ({ spec, theta: trialParameters(spec.network, 1), metadata: {} });

for (const name of Object.keys(runtimes)) {
  const skip = skipOf(name);
  for (const [kind, spec] of Object.entries(policies)) {
    test(`${name}, ${kind}: distribution and action as the policy's`, { skip }, async () => {
      const found = await compare(name, trial(spec), trialObservations(spec.network, kind === 'atari' ? 5 : 100, 2));
      assert.ok(found.outputs < 1e-5 && found.actions < 1e-5 && found.choices === 0, JSON.stringify(found));
    });
  }

  test(`${name}: hopper, ${MANY} observations`, { skip }, async (context) => {
    const env = hopper();
    const spec = policySpecFor(env.spec, { hidden: [30] });
    const theta = initialPolicyParameters(spec, 1);
    const rows = trialObservations({ ...spec.network, inputScaling: null }, MANY, 5);
    const found = await compare(name, { spec, theta, metadata: { environment: { id: 'hopper' } } }, rows);
    context.diagnostic(JSON.stringify(found));
    assert.ok(found.outputs < 1e-5 && found.actions < 1e-5);
  });

  test(`${name}: Pong, ${FRAMES} observations`, { skip }, async (context) => {
    const stored = await readPolicy('results/atari/pong-single-path-seed1');
    const found = await compare(name, stored, trialObservations(stored.spec.network, FRAMES, 6));
    context.diagnostic(JSON.stringify(found));
    assert.ok(found.outputs < 1e-5 && found.choices === 0);
  });
}

test('a distribution of one’s own has its parameters as output, and no action', async () => {
  class TheirOwn extends DiagonalGaussian {
    override readonly spec = { kind: 'their-own' } as never;
  }
  registerDistribution('their-own', () => new TheirOwn({ kind: 'gaussian', dimensions: 2 }));
  const spec = { ...policies['gaussian'], distribution: { kind: 'their-own' } };
  const { InferenceSession } = open.get(without === 'onnxruntime-node' ? 'onnxruntime-web' : 'onnxruntime-node')!;
  const model = await InferenceSession.create(policyToOnnx(trial(spec)));
  assert.deepEqual(model.outputNames, ['distribution']);
  await model.release();
});

after(() => open.clear());
