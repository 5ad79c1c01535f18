/**
 * A step of PPO (a minibatch drawn from a batch, forward, clipped objective, entropy, backward, clipping, Adam) on the
 * network of 84 × 84 pictures beside PyTorch (TRELLIS_ORACLE_PYTHON names a Python that has it), on all cores.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createEngine } from '../src/network/engines/index.js';
import { initialTheta } from '../src/network/initialise.js';
import type { NetworkSpec } from '../src/network/types.js';
import { Adam, clipByNorm } from '../src/optimize/adam.js';
import { clippedSurrogate } from '../src/optimize/clipped-surrogate.js';
import { makeDistribution } from '../src/policy/distribution.js';
import { minibatches } from '../src/rollout/minibatches.js';
import { comparePairs, type Row } from './harness.js';

export const name = 'a step of PPO on the 84 × 84 network beside PyTorch';

const ACTIONS = 6;
const BATCH = 1024;
const SAMPLES = 256;
const STEPS = 4;
const REPETITIONS = 5;

const spec: NetworkSpec = {
  inputShape: [4, 84, 84],
  inputType: 'uint8',
  inputScaling: null,
  layers: [
    { kind: 'conv2d', filters: 32, kernel: [8, 8], stride: [4, 4], activation: 'relu' },
    { kind: 'conv2d', filters: 64, kernel: [4, 4], stride: [2, 2], activation: 'relu' },
    { kind: 'conv2d', filters: 64, kernel: [3, 3], stride: [1, 1], activation: 'relu' },
    { kind: 'dense', units: 512, activation: 'relu' },
    { kind: 'dense', units: ACTIONS, activation: 'linear' },
  ],
};

/** Seconds of STEPS steps. */
interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

export async function run(): Promise<Row[]> {
  const python = process.env['TRELLIS_ORACLE_PYTHON'];
  if (python === undefined) {
    console.log('  without PyTorch: TRELLIS_ORACLE_PYTHON names no Python that has it');
    return [];
  }
  const threads = availableParallelism();
  const script = fileURLToPath(new URL('python/ppo_torch.py', import.meta.url));
  const child = spawn(python, [script, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const torch = async (): Promise<Seconds> => {
    child.stdin.write(`${SAMPLES} ${STEPS}\n`);
    const [line] = (await once(lines, 'line')) as [string];
    const [wall, cpu] = line.split(' ').map(Number);
    return { wall, cpu };
  };
  const own = await ownSteps(threads);
  const pairs: { own: Seconds; torch: Seconds }[] = [];
  for (let i = 0; i <= REPETITIONS; i++) {
    const pair = { own: await own(), torch: await torch() };
    if (i > 0) pairs.push(pair);
  }
  child.stdin.end();
  const rates = (side: 'own' | 'torch', clock: keyof Seconds) =>
    pairs.map((pair) => (SAMPLES * STEPS) / pair[side][clock]);
  return (['wall', 'cpu'] as const).map((clock) =>
    comparePairs(
      {
        name: `${SAMPLES} samples a step, ${clock === 'wall' ? `${threads} threads` : 'processor time'}`,
        unit: clock === 'wall' ? 'samples/s' : 'samples/s of one core',
        ...(clock === 'wall' ? { atLeast: 1.2, reachFor: 2 } : {}),
      },
      rates('own', clock),
      { name: 'PyTorch', values: rates('torch', clock) },
    ),
  );
}

async function ownSteps(threads: number): Promise<() => Promise<Seconds>> {
  const distribution = makeDistribution({ kind: 'categorical', sizes: [ACTIONS] });
  const engine = await createEngine(spec, 'native', { threads });
  const theta = initialTheta(spec, 1);
  const adam = new Adam(theta.length, { learningRate: 2.5e-4, epsilon: 1e-5 });
  const pictures = Uint8Array.from({ length: BATCH * 4 * 84 * 84 }, (_, i) => (i * 2654435761) >>> 24);
  const actions = Int32Array.from({ length: SAMPLES }, (_, i) => i % ACTIONS);
  const set = { actions, logQ: new Float32Array(SAMPLES).fill(-Math.log(ACTIONS)) };
  const advantages = Float64Array.from({ length: SAMPLES }, (_, i) => Math.sin(i));
  const objective = clippedSurrogate(distribution, set, advantages, 0.1);
  const gradient = new Float32Array(theta.length);
  const batch = await engine.load(pictures, BATCH);
  let begun = 0;
  return async () => {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    for (let step = 0; step < STEPS; step++) {
      await engine.setTheta(theta);
      const [rows] = minibatches(BATCH, SAMPLES, [1, begun++]);
      const data = batch.gather(rows);
      const current = await engine.evaluate(data);
      const uphill = await objective.cotangents(current);
      distribution.addEntropyGradient(current, 0.01 / SAMPLES, uphill);
      const down = uphill.map((slope) => -slope);
      await engine.vjp(data, down, gradient);
      data.release();
      clipByNorm(gradient, 0.5);
      adam.step(theta, gradient);
    }
    const used = process.cpuUsage(cpu);
    return { wall: (performance.now() - wall) / 1000, cpu: (used.user + used.system) / 1e6 };
  };
}
