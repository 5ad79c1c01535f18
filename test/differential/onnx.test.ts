/** Exported models before ONNX's own checker, with shape inference: $TRELLIS_PYTHON, else python3. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { policyToOnnx } from '../../src/export/onnx.js';
import { trialParameters } from '../network/conformance.js';
import { policies } from '../policy/specs.js';

const python = process.env['TRELLIS_PYTHON'] || 'python3';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

const program = `
import json, sys, onnx
for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    shape = lambda v: [v.name, v.type.tensor_type.elem_type,
                       *[d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]]
    print(json.dumps({'inputs': [shape(v) for v in model.graph.input], 'outputs': [shape(v) for v in model.graph.output],
                      'notes': {p.key: p.value for p in model.metadata_props},
                      'producer': [model.producer_name, model.producer_version]}))
`;

test('every kind of policy passes the checker, with names and shapes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trellis-onnx-'));
  try {
    const files = Object.entries(policies).map(([name, spec], i) => {
      const file = join(folder, `${i}.onnx`);
      const theta = trialParameters(spec.network, 1);
      writeFileSync(file, policyToOnnx({ spec, theta, metadata: { environment: { id: name } } }));
      return file;
    });
    const lines = execFileSync(python, ['-c', program, ...files], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const found = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(found.length, files.length);
    const gaussian = found[Object.keys(policies).indexOf('gaussian')];
    assert.deepEqual(gaussian, {
      inputs: [['observation', 1, 'batch', 9]],
      outputs: [
        ['distribution', 1, 'batch', 4],
        ['mean', 1, 'batch', 2],
        ['log_std', 1, 'batch', 2],
        ['action', 1, 'batch', 2],
      ],
      notes: { environment: 'gaussian', distribution: '{"kind":"gaussian","dimensions":2}' },
      producer: ['trellis-rl', version],
    });
    const atari = found[Object.keys(policies).indexOf('atari')];
    assert.deepEqual((atari['inputs'] as unknown[][])[0].slice(0, 3), ['observation', 2, 'batch']);
    assert.deepEqual((atari['outputs'] as unknown[][]).at(-1)!.slice(0, 3), ['action', 6, 'batch']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
