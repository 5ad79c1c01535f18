import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

// A limit on processes does not bind root; one on memory binds everyone, since each thread needs a stack.
const skip = process.platform === 'linux' ? false : 'limits are set by a Linux shell';

test('threads that cannot start are a typed error, and the process lives on', { skip }, () => {
  const script = `
    import { PlatformError } from './src/base/errors.js';
    import { makePolicyNetwork } from './src/native/policy-network.js';
    const description = {
      channels: 2, height: 1, width: 1, bytes: false, layers: Int32Array.of(1, 0, 0, 1, 1, 0),
      offset: new Float32Array(0), factor: new Float32Array(0), clip: 0, sizes: new Int32Array(0),
    };
    makePolicyNetwork(description, 1, 0).close();
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        makePolicyNetwork(description, 100_000, 0);
        console.log('made');
      } catch (error) {
        console.log(error instanceof PlatformError, error.value, error.message);
      }
    }
    const few = makePolicyNetwork(description, 2, 0);
    const out = new Float32Array(2);
    few.forward(Float32Array.of(1, 2), 1, out);
    console.log('alive');`;
  const command = `ulimit -v 40000000; exec "$0" --import tsx --input-type=module -e "$1"`;
  const { stdout, status, stderr } = spawnSync('bash', ['-c', command, process.execPath, script], {
    encoding: 'utf8',
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    timeout: 120_000,
  });
  assert.equal(status, 0, stderr);
  const lines = stdout.trim().split('\n');
  assert.equal(lines.length, 4);
  for (const line of lines.slice(0, 3)) assert.match(line, /^true 100000 cannot start 100000 threads/);
  assert.equal(lines[3], 'alive');
});
