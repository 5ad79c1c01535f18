// Works for ever with all that has native memory; its owner ends it at any moment.
import { parentPort } from 'node:worker_threads';
import { registerPaper } from '../../paper/index.js';
import * as trellis from '../../src/index.js';

registerPaper();

const network: trellis.NetworkSpec = {
  inputShape: [5],
  inputType: 'float32',
  inputScaling: null,
  layers: [{ kind: 'dense', units: 2, activation: 'linear' }],
  stateIndependentOutputs: 2,
};
const env = trellis.getEnv('swimmer').make(8, { threads: 2 });
const engine = await trellis.createEngine(network, 'native', { threads: 2 });
const data = await engine.load(new Float32Array(5 * 5000), 5000);
const actions = trellis.makeActions(env.spec.actionSpace, 8);
parentPort!.postMessage('working');
for (;;) {
  env.reset();
  const pending = engine.evaluate(data);
  env.step(actions);
  env.snapshot([0, 1]);
  await Promise.all([pending, engine.vjp(data, new Float32Array(4 * 5000))]);
}
