import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { NumpyGenerator } from '../../envs/gymnasium/numpy-random.js';

// Against numpy itself ($TRELLIS_PYTHON, else python3).
const python = process.env['TRELLIS_PYTHON'] || 'python3';
const COUNT = 5000;
const program = `
import json, sys
import numpy as np
out = []
for seed in json.loads(sys.stdin.readline()):
    seed = int(seed)
    raw = np.random.default_rng(seed).bit_generator.random_raw(40)
    rng = np.random.default_rng(seed)
    mixed = [[float(rng.uniform(-0.3, 0)), float(rng.standard_normal())] for _ in range(${COUNT})]
    out.append({'raw': [str(x) for x in raw], 'mixed': mixed})
print(json.dumps(out))
`;

describe('draws of numpy', () => {
  it(`are numpy’s: seeds of up to 200 bits, ${COUNT} uniform and ${COUNT} normal draws each`, () => {
    // Lengths of every number of words, with zero words among them.
    const seeds = Array.from({ length: 40 }, (_, i) =>
      i % 3 === 0 ? 1n << BigInt(5 * i) : 0x9e3779b97f4a7c15n ** BigInt(i % 4) + BigInt(i),
    );
    seeds.push(0n, 1n, 42n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 64n - 1n, 2n ** 128n, 2n ** 200n - 1n);
    const input = `${JSON.stringify(seeds.map(String))}\n`;
    const { status, stdout, stderr, error } = spawnSync(python, ['-c', program], { input, maxBuffer: 2 ** 28 });
    if (status !== 0) throw new Error(`${python} (pip install numpy; $TRELLIS_PYTHON): ${error ?? stderr.toString()}`);
    const expected = JSON.parse(stdout.toString()) as { raw: string[]; mixed: [number, number][] }[];
    for (const [i, seed] of seeds.entries()) {
      const raw = new NumpyGenerator(seed);
      assert.deepEqual(
        Array.from({ length: 40 }, () => String(raw.next())),
        expected[i].raw,
        `seed ${seed}`,
      );
      const mixed = new NumpyGenerator(seed);
      for (const [t, pair] of expected[i].mixed.entries()) {
        assert.deepEqual([mixed.uniform(-0.3, 0), mixed.normal()], pair, `seed ${seed}, pair ${t}`);
      }
    }
  });
});
