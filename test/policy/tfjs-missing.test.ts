import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createEngine } from '../../src/policy/engines/index.js';
import { buildTfjsBinding } from '../../src/policy/engines/tfjs/build.js';
import { gaussian } from './specs.js';

const spec = gaussian(3, [4], 2);
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
      message: /cannot be run.*--python/,
    });
    const python = join(folder, 'python');
    writeFileSync(python, '#!/bin/sh\necho \'{"folder": null, "version": ""}\'\n');
    chmodSync(python, 0o755);
    assert.throws(() => buildTfjsBinding({ ...request, python }), {
      code: 'ERR_DEPENDENCY',
      message: /has no TensorFlow.*pip install tensorflow-cpu/,
    });
  });
});
