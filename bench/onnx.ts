/** Exported ONNX models in Node's and the browser's runtime, beside the policies they were made of: largest differences. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerPaper } from '../paper/index.js';
import { streamKeys } from '../src/base/random.js';
import { getEnv } from '../src/env/registry.js';
import { ReferenceEngine } from '../src/network/engines/reference.js';
import { Policy } from '../src/policy/policy.js';
import { readPolicy, type StoredPolicy } from '../src/policy/storage.js';
import { experimentConfig, getExperiment } from '../src/train/experiments.js';
import { train } from '../src/train/train.js';
import { compareWithPolicy } from '../test/export/comparison.js';
import { openRuntime, runtimes } from '../test/export/runtimes.js';
import { trialObservations } from '../test/network/conformance.js';
import type { Row } from './harness.js';

registerPaper();

export const name = 'ONNX models beside policy.act (frames of Pong need the ROM)';

const OBSERVATIONS = Number(process.env['TRELLIS_ONNX_OBSERVATIONS'] ?? 10_000);
/** Of those, how many also go through the reference in double precision, which is slow. */
const REFERENCE = 100;

type Observations = Float32Array | Uint8Array;

export async function run(): Promise<Row[]> {
  const hopper = await trainedHopper();
  const pong = await readPolicy('results/atari/pong-single-path-seed1');
  const rows: Row[] = [];
  rows.push(...(await both('hopper, played', hopper, await played('hopper', hopper))));
  rows.push(...(await both('hopper, random', hopper, random(hopper))));
  try {
    rows.push(...(await both('Pong, played', pong, await played('pong', pong))));
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_ROM') throw error;
    console.log(`  ${(error as Error).message}`);
  }
  rows.push(...(await both('Pong, random', pong, random(pong))));
  return rows;
}

async function both(what: string, stored: StoredPolicy, observations: Observations): Promise<Row[]> {
  const reference = await distanceToReference(stored, observations);
  const rows: Row[] = [];
  for (const [runtime, providers] of Object.entries(runtimes)) {
    const opened = await openRuntime(runtime as keyof typeof runtimes);
    const { outputs, actions, choices } = await compareWithPolicy(opened, providers, stored, observations);
    const value = Math.max(outputs, actions);
    const others = `${choices} other choices; ours and double precision: ${reference.toExponential(1)}`;
    const note = `distribution ${outputs.toExponential(2)}, action ${actions.toExponential(2)}, ${others}`;
    rows.push({
      name: `${what}, ${OBSERVATIONS}, ${runtime}`,
      value,
      unit: 'apart',
      atMost: 1e-5,
      reachFor: 1e-6,
      note,
    });
    console.log(`  ${what}, ${runtime}: ${note}`);
  }
  return rows;
}

const random = ({ spec }: StoredPolicy) => trialObservations({ ...spec.network, inputScaling: null }, OBSERVATIONS, 5);

async function trainedHopper(): Promise<StoredPolicy> {
  const directory = mkdtempSync(join(tmpdir(), 'trellis-onnx-'));
  try {
    const settings = { sampling: { steps: 5000 } };
    await train(experimentConfig(getExperiment('hopper'), { seed: 1, iterations: 20, settings }), { directory });
    return await readPolicy(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What a policy sees while it plays, in ten slots. */
async function played(id: string, stored: StoredPolicy): Promise<Observations> {
  const slots = 10;
  const env = getEnv(id).make(slots, { threads: 1 });
  const policy = await Policy.create(stored, 'native', { threads: 1 });
  const size = env.observations.length / slots;
  const seen =
    env.observations instanceof Uint8Array
      ? new Uint8Array(OBSERVATIONS * size)
      : new Float32Array(OBSERVATIONS * size);
  let begun = slots;
  env.reset(undefined, streamKeys(1, 1, 0, 0, slots));
  for (let at = 0; at < OBSERVATIONS; at += slots) {
    seen.set(env.observations.subarray(0, Math.min(slots, OBSERVATIONS - at) * size), at * size);
    env.step(await policy.act(env.observations));
    const over = [...env.terminated.keys()].filter((slot) => env.terminated[slot] || env.truncated[slot]);
    if (over.length > 0) env.reset(over, streamKeys(1, 1, 0, begun, over.length));
    begun += over.length;
  }
  policy.close();
  env.close();
  return seen;
}

async function distanceToReference(stored: StoredPolicy, observations: Observations): Promise<number> {
  const count = Math.min(REFERENCE, OBSERVATIONS);
  const part = observations.slice(0, (observations.length / OBSERVATIONS) * count);
  const reference = new ReferenceEngine(stored.spec.network);
  await reference.setTheta(stored.theta);
  const policy = await Policy.create(stored, 'native', { threads: 1 });
  const [exact, ours] = [await reference.forward(part, count), await policy.engine.forward(part, count)];
  policy.close();
  reference.close();
  return exact.reduce((largest, x, i) => Math.max(largest, Math.abs(x - ours[i]!) / Math.max(1, Math.abs(x))), 0);
}
