// Batches made and closed, or dropped, in a loop; and one that cannot be made. Writes by how many MiB the process grew.
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { MujocoBatch } from '../../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../../src/native/mujoco-model.js';

const balls = Array.from({ length: 16 }, (_, i) => `<body pos="${i} 0 1"><freejoint/><geom size=".1"/></body>`).join(
  '',
);
const xml = `<mujoco><size memory="13M"/><worldbody><geom type="plane" size="50 50 .1"/>${balls}</worldbody></mujoco>`;
const model = MujocoModel.fromXml(xml);
const resident = () => process.memoryUsage.rss() / 2 ** 20;
const reserved = () => Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))![1]) / 1024;
const close = (count: number) => {
  for (let i = 0; i < count; i++) new MujocoBatch(model, { slots: 8, threads: 1 }).close();
};

const what = process.argv[2];
if (what === 'close') {
  close(300);
  const before = resident();
  close(1000);
  console.log(resident() - before);
} else if (what === 'drop') {
  const round = async () => {
    for (let i = 0; i < 300; i++) {
      const batch = new MujocoBatch(model, { slots: 200, threads: 1 });
      batch.output('cinert');
      batch.step();
      if (i % 8 === 0) await setTimeout(0);
    }
  };
  await round();
  const before = resident();
  await round();
  console.log(resident() - before);
} else {
  const before = reserved();
  try {
    new MujocoBatch(model, { slots: 10_000, threads: 1, persistent: true });
    console.log('made');
  } catch (error) {
    console.log(reserved() - before, (error as { code?: string }).code);
  }
}
