// A worker that steps batches for ever, holding some open; its owner ends it at any moment.
import { parentPort } from 'node:worker_threads';
import { MujocoBatch } from '../../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../../src/native/mujoco-model.js';
import { legXml } from '../mujoco-models.js';

const model = MujocoModel.fromXml(legXml);
const held = Array.from({ length: 3 }, () => new MujocoBatch(model, { slots: 8, threads: 2 }));
const xpos = held.map((batch) => batch.output('xpos'));
parentPort!.postMessage('stepping');
for (let i = 0; ; i++) {
  for (const batch of held) batch.step(5, { stage: 'position' });
  if (i % 50 === 0) {
    held[0].close();
    held[0] = new MujocoBatch(model, { slots: 8, threads: 2 });
    xpos[0] = held[0].output('xpos');
  }
}
