import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AbortedError } from '../../src/base/errors.js';
import { readPolicy, savePolicy } from '../../src/policy/storage.js';
import { resume, train } from '../../src/train/train.js';
import { countingEnv } from '../helpers/training.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-first-policy-'));
after(() => rmSync(root, { recursive: true }));
const env = countingEnv(5);
const input = {
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 2,
  engine: 'reference',
  environment: { id: 'counting' },
  options: { sampling: { steps: 60, slots: 4 } },
};
const from = join(root, 'first');
const first = await train(input, { env, directory: from });

test('a run from a stored policy is the stored run gone on with other draws; which policy it was is written down', async () => {
  const directory = join(root, 'second');
  const starts: Float32Array[] = [];
  const { config } = await train(
    { ...input, seed: 4, method: 'policy-gradient', policy: { from } },
    { env, directory, onProgress: () => undefined, onIteration: ({ policy }) => void starts.push(policy.theta) },
  );
  assert.match(config.policy.fromSha256!, /^[0-9a-f]{64}$/);
  const step = Math.hypot(...starts[0].map((value, i) => value - first.theta[i]));
  // Policy gradient's step has the length sqrt(2 δ), from wherever it starts.
  assert.ok(Math.abs(step - Math.sqrt(2 * 0.01)) < 1e-5, `${step}`);
});

test('a run that was stopped goes on without the policy it began with; one that has no iteration yet needs that very one', async () => {
  const gone = join(root, 'gone');
  await savePolicy(gone, await readPolicy(from));
  const given = { ...input, seed: 5, policy: { from: gone } };
  const whole = await train(given, { env });
  const [stopped, unbegun] = [join(root, 'stopped'), join(root, 'unbegun')];
  const stop = { env, directory: stopped, onIteration: ({ stop }: { stop(reason: string): void }) => stop('enough') };
  await train({ ...given, iterations: 2 }, stop);
  const signal = AbortSignal.abort();
  await assert.rejects(train(given, { env, directory: unbegun, signal }), AbortedError);
  const policy = await readPolicy(gone);
  await savePolicy(gone, { ...policy, theta: policy.theta.map((value) => value + 1) });
  assert.deepEqual((await resume(stopped, 2, { env })).theta, whole.theta);
  await assert.rejects(resume(unbegun, 2, { env }), /not the one that this run began with/);
  rmSync(gone, { recursive: true });
  await assert.rejects(resume(unbegun, 2, { env }), /no readable policy/);
});

test('a policy of another kind, or none, is refused before anything is written', async () => {
  const directory = join(root, 'refused');
  await assert.rejects(train({ ...input, policy: { from, hidden: [7] } }, { env, directory }), /policy\.hidden/);
  await assert.rejects(train({ ...input, policy: { from: root } }, { env, directory }), /no readable policy/);
  await assert.rejects(readPolicy(directory));
});
