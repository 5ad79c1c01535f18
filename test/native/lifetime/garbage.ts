// Run with --expose-gc: batches dropped in every way must neither crash nor pile up. Prints "ok" at the end.
import { setImmediate } from 'node:timers/promises';
import { MujocoBatch } from '../../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../../src/native/mujoco-model.js';
import { legXml } from '../mujoco-models.js';

const gc = (globalThis as { gc?: () => void }).gc!;
const collect = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) {
    gc();
    await setImmediate();
  }
};
const fail = (what: string): never => {
  console.log(`failed: ${what}`);
  process.exit(1);
};

// Views outlive a batch that nobody closed.
let views: Float64Array[] = [];
for (let i = 0; i < 50; i++) {
  const batch = new MujocoBatch(MujocoModel.fromXml(legXml), { slots: 16, threads: 2 });
  views.push(batch.output('xpos'), batch.states);
  batch.step(3, { stage: 'position' });
}
await collect();
for (const view of views) {
  if (view.length === 0) fail('a view of a dropped batch is gone');
  if (!view.every(Number.isFinite)) fail('a view of a dropped batch holds garbage');
  view.fill(1);
}
views = [];
await collect();

// Views and batch dropped together, closed or not: memory does not grow.
const slots = 4_000;
const use = (close: boolean): void => {
  const batch = new MujocoBatch(MujocoModel.fromXml(legXml), { slots, threads: 2 });
  batch.output('xpos').fill(0);
  batch.step();
  if (close) batch.close();
};
use(true);
await collect();
const before = process.memoryUsage().rss;
for (let i = 0; i < 60; i++) {
  use(i % 2 === 0);
  await collect();
}
const grown = (process.memoryUsage().rss - before) / 2 ** 20;
const oneBatch = (slots * 8 * 60) / 2 ** 20;
if (grown > 6 * oneBatch) fail(`60 batches of ${oneBatch.toFixed(1)} MiB left ${grown.toFixed(1)} MiB behind`);

// A buffer that someone took over before close() stays valid memory until it is collected.
const batch = new MujocoBatch(MujocoModel.fromXml(legXml), { slots: 64 });
const buffer = batch.states.buffer as ArrayBuffer & { transfer?: () => ArrayBuffer };
const taken = buffer.transfer ? new Float64Array(buffer.transfer()) : new Float64Array(8);
batch.close();
await collect();
taken.fill(2);
console.log('ok');
