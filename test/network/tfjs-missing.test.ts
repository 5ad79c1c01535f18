import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createEngine } from '../../src/network/engines/index.js';
import { buildTfjsBinding } from '../../src/network/engines/tfjs/build.js';
import { atari, gaussianNetwork } from './specs.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const spec = gaussianNetwork(3, [4], 2);
const folder = mkdtempSync(join(tmpdir(), 'trellis-tfjs-'));
after(() => rmSync(folder, { recursive: true }));

describe('tfjs where something is missing', () => {
  it('an engine or backend of another name is refused with the names there are', async () => {
    await assert.rejects(createEngine(spec, 'tfsj'), { code: 'ERR_NOT_FOUND', message: /"tfjs"/ });
    await assert.rejects(createEngine(spec, 'tfjs:webgl'), { code: 'ERR_NOT_FOUND', message: /wasm/ });
  });

  it('a backend that is not installed: the error says what to install', async () => {
    await assert.rejects(createEngine(spec, 'tfjs:tfjs-node-gpu'), {
      code: 'ERR_DEPENDENCY',
      message: /"tfjs-node-gpu" is not installed.*@tensorflow\/tfjs-node-gpu.*trellis tfjs build/s,
    });
  });

  it('a package that is there but does not load: the error says why', async () => {
    const broken = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, 'index.js'), "throw new Error('no binding here\\nand more');");
    const script =
      "import('./src/network/engines/tfjs/backend.ts').then((m) => m.loadTensorFlow('tfjs-node'))" +
      '.catch((error) => console.log(error.code, error.message))';
    const said = execFileSync(process.execPath, ['--import', 'tsx', '-e', script], {
      cwd: root,
      env: { ...process.env, NODE_PATH: join(folder, 'node_modules') },
      encoding: 'utf8',
    });
    assert.match(said, /^ERR_DEPENDENCY .*"tfjs-node" cannot be loaded \(@tensorflow\/tfjs-node: no binding here\)/);
  });

  it('a kernel that the backend has not: the error names it and other engines', async () => {
    const tf = createRequire(import.meta.url)('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core');
    const without = async (kernel: string, body: () => Promise<void>) => {
      const { kernelFunc } = tf.getKernel(kernel, 'cpu');
      tf.unregisterKernel(kernel, 'cpu');
      try {
        await body();
      } finally {
        tf.registerKernel({ kernelName: kernel, backendName: 'cpu', kernelFunc });
      }
    };
    const engine = await createEngine(spec, 'tfjs:cpu');
    const observations = new Float32Array(6);
    const before = await engine.forward(observations, 2);
    const lacking = (kernel: string) => ({
      code: 'ERR_DEPENDENCY',
      message: new RegExp(`${kernel}.*the engine native`),
    });
    await without('Softplus', () => assert.rejects(engine.forward(observations, 2), lacking('Softplus')));
    assert.deepEqual(await engine.forward(observations, 2), before, 'the engine goes on');
    engine.close();
    await without('Conv2D', () => assert.rejects(createEngine(atari, 'tfjs:cpu'), lacking('Conv2D')));
  });

  it('tfjs build names the missing package, Python, or TensorFlow', () => {
    const gpu = '@tensorflow/tfjs-node-gpu';
    assert.throws(() => buildTfjsBinding({ packageName: gpu, from: folder }), {
      code: 'ERR_DEPENDENCY',
      message: /npm install --ignore-scripts @tensorflow\/tfjs-node-gpu/,
    });
    const installed = join(folder, 'node_modules', gpu);
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'package.json'), `{ "name": "${gpu}", "version": "4.22.0" }`);
    const request = { packageName: gpu, from: folder };
    assert.throws(() => buildTfjsBinding({ ...request, python: join(folder, 'no-python') }), {
      code: 'ERR_DEPENDENCY',
      message: /cannot be run.*[Nn]ame another Python/,
    });
  });

  const windows = process.platform === 'win32';
  it('tfjs build: a Python without TensorFlow', { skip: windows && 'no script stands in for Python' }, () => {
    const request = { packageName: '@tensorflow/tfjs-node-gpu', from: folder };
    const python = join(folder, 'python');
    writeFileSync(python, '#!/bin/sh\necho \'{"folder": null, "version": ""}\'\n');
    chmodSync(python, 0o755);
    assert.throws(() => buildTfjsBinding({ ...request, python }), {
      code: 'ERR_DEPENDENCY',
      message: /has no TensorFlow.*pip install tensorflow-cpu/,
    });
  });
});
