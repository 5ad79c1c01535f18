import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

// A limit on processes does not bind root; one on memory binds everyone, since each thread needs a stack.
const skip = process.platform === 'linux' ? false : 'limits are set by a Linux shell';

/** What a script prints line by line, in a process that may take 40 GB of addresses, with stacks of `stack` KiB. */
function runLimited(script: string, stack = 8192): string[] {
  const command = `ulimit -v 40000000 -s ${stack}; exec "$0" --expose-gc --import tsx --input-type=module -e "$1"`;
  const { stdout, status, stderr } = spawnSync('bash', ['-c', command, process.execPath, script], {
    encoding: 'utf8',
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    timeout: 120_000,
  });
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n');
}

test('threads that cannot start are a typed error, and the process lives on', { skip }, () => {
  const script = `
    import { PlatformError } from './src/base/errors.js';
    import { makeNetwork } from './src/native/network.js';
    const description = {
      channels: 2, height: 1, width: 1, bytes: false, layers: Int32Array.of(0, 1, 0, 0, 1, 1, 0, -1, -1),
      heads: Int32Array.of(0), stateIndependent: 0, offset: new Float32Array(0), factor: new Float32Array(0), clip: 0,
    };
    makeNetwork(description, 1, 0).close();
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        makeNetwork(description, 100_000, 0);
        console.log('made');
      } catch (error) {
        console.log(error instanceof PlatformError, error.value, error.message);
      }
    }
    const few = makeNetwork(description, 2, 0);
    const out = new Float32Array(2);
    few.forward(Float32Array.of(1, 2), 1, out);
    console.log('alive');`;
  const lines = runLimited(script);
  assert.equal(lines.length, 4);
  for (const line of lines.slice(0, 3)) assert.match(line, /^true 100000 cannot start 100000 threads/);
  assert.equal(lines[3], 'alive');
});

test('a batch of games that cannot have its threads says so likewise, and gives back all it took', { skip }, () => {
  const script = `
    import { setTimeout } from 'node:timers/promises';
    import { PlatformError } from './src/base/errors.js';
    import { AtariBatch } from './src/native/atari-batch.js';
    const rom = './test/golden/atari/synthetic/tia02.bin';
    const options = { game: 'qbert', rom, slots: 100, outputs: ['rgb'] };
    new AtariBatch({ ...options, threads: 2 }).close();
    const memory = () => (gc(), process.memoryUsage());
    const before = memory();
    for (let attempt = 0; attempt < 20; attempt++) {
      try {
        new AtariBatch({ ...options, threads: 1000 });
        console.log('made');
      } catch (error) {
        console.log(error instanceof PlatformError, error.code, error.value, error.message);
      }
    }
    await setTimeout(10);
    const after = memory();
    console.log((after.external - before.external) >> 20, (after.rss - before.rss) >> 20);
    const few = new AtariBatch({ ...options, threads: 2 });
    few.step(new Int32Array(100));
    console.log(few.frameNumbers[99]);`;
  const lines = runLimited(script, 200_000);
  assert.equal(lines.length, 22);
  for (const line of lines.slice(0, 20)) assert.match(line, /^true ERR_PLATFORM 1000 cannot start 1000 threads/);
  const [external, resident] = lines[20].split(' ').map(Number);
  // A batch of these takes 11 MiB natively and 10 MiB of pictures.
  assert.ok(external! < 15, `${external} MiB are still known to V8`);
  assert.ok(resident! < 150, `${resident} MiB are still held`);
  assert.equal(lines[21], '1');
});
