import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { legXml } from './mujoco-models.js';

const script = (name: string): string => fileURLToPath(new URL(`lifetime/${name}`, import.meta.url));

describe('lifetime of a MujocoBatch', () => {
  it('survives garbage collection in any order, without leaks', () => {
    const result = spawnSync(process.execPath, ['--expose-gc', '--import', 'tsx', script('garbage.ts')], {
      encoding: 'utf8',
    });
    assert.equal(result.signal, null, result.stderr);
    assert.equal(result.stdout.trim(), 'ok', result.stderr);
  });

  const grown = (what: string) => {
    const command = [process.execPath, '--import', 'tsx', script('closing.ts'), what];
    const limit = what === 'fail' ? 'ulimit -v 60000000; ' : '';
    const { stdout, stderr, status } = spawnSync('sh', ['-c', `${limit}exec "$@"`, 'sh', ...command], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };

  it('gives memory back at close(), in a loop without pause', {
    skip: process.platform !== 'linux' && 'reads /proc',
  }, () => {
    const mebibytes = Number(grown('close'));
    assert.ok(mebibytes < 60, `grew by ${mebibytes} MiB over 1000 closed batches`);
  });

  it('lets the garbage collector see what dropped batches hold', {
    skip: process.platform !== 'linux' && 'reads /proc',
  }, () => {
    const mebibytes = Number(grown('drop'));
    assert.ok(mebibytes < 60, `grew by ${mebibytes} MiB over 300 dropped batches`);
  });

  it('frees all that a construction took which failed', { skip: process.platform !== 'linux' && 'reads /proc' }, () => {
    const [mebibytes, code] = grown('fail').split(' ');
    assert.equal(code, 'ERR_MEMORY');
    assert.ok(Number(mebibytes) < 500, `${mebibytes} MiB are lost`);
  });

  it('counts what slots take, not what all share', () => {
    const texture = '<texture name="t" type="2d" builtin="flat" width="2048" height="2048"/>';
    const model = MujocoModel.fromXml(`<mujoco><size memory="100K"/><asset>${texture}</asset>
      <worldbody><body><freejoint/><geom size=".1"/></body></worldbody></mujoco>`);
    new MujocoBatch(model, { slots: 2000, threads: 1, persistent: true }).close();
  });

  it('survives garbage in every model field that slots may have of their own', () => {
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', script('parameters.ts')],
      {
        encoding: 'utf8',
        timeout: 120_000,
      },
    );
    const last = stdout.trim().split('\n').at(-1)!;
    assert.equal(status, 0, `${signal} at ${last}\n${stderr}`);
    // Enough of the fields have elements in that model; those that index, count or choose are refused.
    const [, open, closed] = /^done (\d+) (\d+)$/.exec(last)!;
    assert.ok(Number(open) > 130 && Number(closed) > 300, last);
  });

  it('survives a worker ended in the middle of a step', async () => {
    const stepping = new URL('lifetime/worker.ts', import.meta.url).href;
    for (let round = 0; round < 5; round++) {
      const start = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(stepping)})))`;
      const worker = new Worker(start, { eval: true });
      await once(worker, 'message');
      await new Promise((resolve) => setTimeout(resolve, 10 + 13 * round));
      assert.equal(await worker.terminate(), 1);
    }
  });

  it('survives a process that exits with everything open', () => {
    const code = `
      import { MujocoBatch } from ${JSON.stringify(new URL('../../src/native/mujoco-batch.ts', import.meta.url).href)};
      import { MujocoModel } from ${JSON.stringify(new URL('../../src/native/mujoco-model.ts', import.meta.url).href)};
      globalThis.batch = new MujocoBatch(MujocoModel.fromXml(${JSON.stringify(legXml)}), { slots: 4, threads: 2 });
      globalThis.xpos = batch.output('xpos');
      batch.step();
      process.exit(7);`;
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      encoding: 'utf8',
    });
    assert.equal(status, 7, stderr);
  });

  it('does not hand its memory to another thread', () => {
    const batch = new MujocoBatch(MujocoModel.fromXml(legXml), { slots: 4 });
    const { port1, port2 } = new MessageChannel();
    try {
      port1.postMessage(batch.states, [batch.states.buffer as ArrayBuffer]);
    } catch (error) {
      assert.match(String(error), /DataCloneError|could not be cloned|transfer/i);
    }
    assert.equal(batch.states.length, 4 * batch.stateSize);
    assert.equal(batch.step(), 0);
    port1.close();
    port2.close();
    batch.close();
  });

  it('goes on when a copied buffer is taken away', () => {
    const batch = new MujocoBatch(MujocoModel.fromXml(legXml), { slots: 4, externalBuffers: false });
    const time = batch.state('time');
    structuredClone(batch.output('xpos').buffer, { transfer: [batch.output('xpos').buffer as ArrayBuffer] });
    assert.equal(batch.output('xpos').length, 0);
    assert.equal(batch.step(2), 0);
    assert.ok(Math.abs(time.array[time.offset] - 0.01) < 1e-12);
    batch.close();
    assert.equal(batch.states.length, 0);
  });

  it('keeps many batches apart', () => {
    const model = MujocoModel.fromXml(legXml);
    const batches = Array.from({ length: 20 }, (_, i) => new MujocoBatch(model, { slots: i + 1, threads: 2 }));
    for (const [i, batch] of batches.entries()) batch.step(i + 1);
    for (const [i, batch] of batches.entries()) {
      const { array, offset } = batch.state('time');
      assert.ok(Math.abs(array[offset] - 0.005 * (i + 1)) < 1e-12);
      batch.close();
    }
  });
});
