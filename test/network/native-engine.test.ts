import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { ArgumentError, ClosedError, MemoryError } from '../../src/base/errors.js';
import { platform } from '../../src/native/platform.js';
import { NativeEngine } from '../../src/network/engines/native.js';
import type { Metric } from '../../src/network/types.js';
import { trialObservations, trialParameters } from './conformance.js';
import { draws } from './draws.js';
import { atari, gaussianNetwork } from './specs.js';

const spec = gaussianNetwork(41, [50, 50], 3);
const metric: Metric = { kind: 'gaussian' };
const n = 5000;
const observations = trialObservations(spec, n, 1) as Float32Array;
const theta = trialParameters(spec, 2);

async function results(engine: NativeEngine): Promise<Float32Array[]> {
  await engine.setTheta(theta);
  const data = await engine.load(observations, n);
  const v = draws(theta.length, 3);
  const found = [
    await engine.evaluate(data),
    await engine.vjp(data, draws(n * 6, 4)),
    await engine.fisherVectorProduct(data, v, metric),
    await engine.inputGradient(data, draws(n * 6, 5)),
    await engine.vjp(data.gather(Int32Array.from({ length: n }, (_, i) => (i * 7) % n)), draws(n * 6, 6)),
    await engine.jvp(data, v),
  ];
  engine.close();
  return found;
}

describe('native engine', () => {
  test('threads change nothing', async () => {
    assert.deepEqual(
      await results(new NativeEngine(spec, { threads: 1 })),
      await results(new NativeEngine(spec, { threads: 3 })),
    );
  });

  test('calls keep their order', async () => {
    const engine = new NativeEngine(spec, { threads: 2 });
    await engine.setTheta(theta);
    const data = await engine.load(observations, n);
    const later = trialParameters(spec, 5);
    const pending = [
      engine.evaluate(data),
      engine.setTheta(later),
      engine.evaluate(data),
      engine.forward(observations, 7),
      engine.setTheta(theta),
      engine.forwardEach(new Float32Array([...later, ...theta]), observations, 2),
      engine.forward(observations, 7),
    ];
    const [first, , second, third, , each, last] = (await Promise.all(pending)) as Float32Array[];
    assert.notDeepEqual(first, second);
    assert.deepEqual(third, second!.subarray(0, 7 * 6));
    assert.deepEqual(last, first!.subarray(0, 7 * 6));
    assert.deepEqual(each!.subarray(0, 6), second!.subarray(0, 6));
    assert.deepEqual(each!.subarray(6, 12), first!.subarray(6, 12));
    engine.close();
  });

  test('a long forward leaves the main thread', async () => {
    const engine = new NativeEngine(atari, { threads: 2 });
    await engine.setTheta(trialParameters(atari, 2));
    const bytes = trialObservations(atari, 700, 3);
    const all = await engine.forward(bytes, 700);
    assert.deepEqual(await engine.forward(bytes.subarray(699 * 8320), 1), all.slice(699 * 8));
    engine.close();
  });

  test('the same bits on every instruction set', {
    skip: platform().availableInstructionSets.length < 2 && 'there is one',
  }, () => {
    const script = `
      import { NativeEngine } from './src/network/engines/native.js';
      import { platform } from './src/native/platform.js';
      import { trialObservations, trialParameters } from './test/network/conformance.js';
      import { draws } from './test/network/draws.js';
      import { samples } from './test/network/specs.js';
      import { createHash } from 'node:crypto';
      const hash = createHash('sha256');
      for (const { spec, metric } of Object.values(samples)) {
        const engine = new NativeEngine(spec);
        await engine.setTheta(trialParameters(spec, 1));
        const data = await engine.load(trialObservations(spec, 50, 2), 50);
        hash.update(await engine.evaluate(data));
        hash.update(await engine.fisherVectorProduct(data, draws(engine.parameterCount, 3), metric(50)));
        hash.update(await engine.inputGradient(data, draws(50 * engine.outputSize, 4)));
        hash.update(await engine.vjp(data, draws(50 * engine.outputSize, 5)));
      }
      console.log(platform().instructionSet, hash.digest('hex'));`;
    const outputs = platform().availableInstructionSets.map((set) => {
      const environment = { ...process.env, TRELLIS_SIMD: set, NODE_TEST_CONTEXT: undefined };
      const args = ['--import', 'tsx', '--input-type=module', '-e', script];
      const [used, digest] = execFileSync(process.execPath, args, { env: environment, encoding: 'utf8' })
        .trim()
        .split(' ');
      assert.equal(used, set);
      return digest;
    });
    assert.equal(new Set(outputs).size, 1, outputs.join());
  });

  test('bad input is refused before it reaches native code', async () => {
    const engine = new NativeEngine(spec, { threads: 1 });
    await assert.rejects(engine.setTheta(new Float32Array(3)), ArgumentError);
    await assert.rejects(engine.forward(observations, n + 1), ArgumentError);
    await assert.rejects(engine.forward(observations, -1), ArgumentError);
    await assert.rejects(engine.forward(observations, 1.5), ArgumentError);
    await assert.rejects(engine.forward(new Uint8Array(41), 1), ArgumentError);
    await assert.rejects(engine.forward(observations, 2, new Float32Array(11)), ArgumentError);
    const data = await engine.load(observations, n);
    await assert.rejects(engine.jvp(data, new Float32Array(3)), ArgumentError);
    await assert.rejects(engine.vjp(data, new Float32Array(3)), ArgumentError);
    await assert.rejects(engine.fisherVectorProduct(data, theta, metric, new Float32Array(3)), ArgumentError);
    await assert.rejects(engine.jacobian(await engine.load(new Float32Array(41 * 50_000), 50_000)), MemoryError);
    const other = new NativeEngine(spec, { threads: 1 });
    await assert.rejects(other.evaluate(data), ArgumentError);
    assert.throws(() => data.subset(0), ArgumentError);
    assert.throws(() => new NativeEngine(spec, { threads: 0 }), ArgumentError);
    data.release();
    await assert.rejects(engine.evaluate(data), ClosedError);
    engine.close();
    engine.close();
    await assert.rejects(engine.setTheta(theta), ClosedError);
    other.close();
  });

  test('closing waits for the call in flight and refuses those behind it', async () => {
    const engine = new NativeEngine(spec, { threads: 2 });
    await engine.setTheta(theta);
    const data = await engine.load(observations, n);
    const running = engine.evaluate(data);
    const waiting = engine.evaluate(data);
    engine.close();
    await assert.rejects(waiting, ClosedError);
    await running.then(
      (outputs) => assert.equal(outputs.length, n * 6),
      (error) => assert.ok(error instanceof ClosedError),
    );
  });
});
