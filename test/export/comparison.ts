/** What an exported model says beside the policy it was made of. */
import assert from 'node:assert/strict';
import { policyToOnnx } from '../../src/export/onnx.js';
import { Policy } from '../../src/policy/policy.js';
import type { StoredPolicy } from '../../src/policy/storage.js';
import type { OnnxRuntime } from './runtimes.js';

export interface Comparison {
  /** Largest difference of distribution parameters, relative where they are above 1. */
  readonly outputs: number;
  /** Largest difference of the most likely actions, in normalised units. */
  readonly actions: number;
  /** Choices that differ. */
  readonly choices: number;
}

/** @param observations rows, as the environment gives them */
export async function compareWithPolicy(
  runtime: OnnxRuntime,
  executionProviders: readonly string[],
  stored: StoredPolicy,
  observations: Float32Array | Uint8Array,
): Promise<Comparison> {
  const { inputShape, inputType } = stored.spec.network;
  const size = inputShape.reduce((a, b) => a * b, 1);
  const model = await runtime.InferenceSession.create(policyToOnnx(stored), { executionProviders });
  const policy = await Policy.create(stored, 'native', { threads: 1 });
  let [outputs, actions, choices] = [0, 0, 0];
  const rows = 100;
  for (let at = 0; at < observations.length; at += rows * size) {
    const part = observations.slice(at, at + rows * size);
    const count = part.length / size;
    const found = await model.run({ observation: new runtime.Tensor(inputType, part, [count, ...inputShape]) });
    const expected = await policy.engine.forward(part, count);
    const { data, dims } = found['distribution'];
    assert.deepEqual([...dims], [count, policy.distribution.distParamSize]);
    // Not Math.max: NaN must not be passed over.
    const larger = (a: number, b: number) => (b <= a ? a : b);
    for (const [i, x] of expected.entries()) {
      outputs = larger(outputs, Math.abs(x - data[i]) / Math.max(1, Math.abs(x)));
    }
    const action = found['action'];
    if (action === undefined) continue;
    const mode = await policy.act(part, { deterministic: true });
    assert.deepEqual([...action.dims], [count, policy.distribution.actionSize]);
    for (const [i, x] of mode.entries()) {
      if (mode instanceof Float32Array) actions = larger(actions, Math.abs(x - action.data[i]));
      else if (x !== action.data[i]) choices++;
    }
  }
  await model.release();
  policy.close();
  return { outputs, actions, choices };
}
