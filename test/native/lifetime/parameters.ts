// Fills every model field that slots may have of their own with garbage, steps, and says which one it is at: the last
// line before the end of the process is the culprit.
import { ArgumentError } from '../../../src/base/errors.js';
import { MujocoBatch } from '../../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../../src/native/mujoco-model.js';
import { richAssets, richXml } from '../mujoco-models.js';

const model = MujocoModel.fromXml(richXml, { assets: richAssets });
let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const garbage: (() => number)[] = [
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -1e300,
  () => 1e300,
  () => 0,
  () => (random() - 0.5) * 10 ** (600 * (random() - 0.5)),
  () => 4294967295 * (random() - 0.5),
];
let open = 0;
let closed = 0;
for (const name of model.fieldNames()) {
  const batch = new MujocoBatch(model, { slots: garbage.length, threads: 1 });
  batch.reset({ keyframe: 'start' });
  try {
    const values = batch.parameter(name);
    const size = values.length / garbage.length;
    console.log(name);
    const fill = () => {
      for (let i = 0; i < values.length; i++) values[i] = garbage[Math.floor(i / size)]();
    };
    fill();
    batch.step(3);
    batch.reset({ keyframe: 'start' });
    batch.setConstants();
    batch.step(3, { stage: 'acceleration' });
    if (size > 0) open++;
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    closed++;
  }
  batch.close();
}
console.log(`done ${open} ${closed}`);
