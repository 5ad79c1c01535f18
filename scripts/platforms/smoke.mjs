// smoke.mjs <result.json> <folder for runs>: tries the installed package on the Node that runs it; copied beside the
// node_modules it is about. Each part tells by itself; nothing here is slow under an emulator.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AtariBatch, experimentConfig, getExperiment, MujocoBatch, MujocoModel, train } from 'trellis-rl';
import { registerPaper } from 'trellis-rl/paper';

registerPaper();
const [result, runs] = process.argv.slice(2);
const failed = [];
const policies = {};

async function part(name, body) {
  const began = performance.now();
  try {
    await body();
  } catch (error) {
    failed.push(`${name}: ${error?.stack ?? error}`);
  }
  console.log(`${name}: ${Math.round(performance.now() - began)} ms`);
}

/** The same numbers wherever they are made: MuJoCo's own may differ between platforms, cart-pole has none of it. */
const trainings = { cartpole: { sampling: { steps: 20_000 } }, swimmer: { sampling: { steps: 4_000, slots: 4 } } };
for (const [experiment, settings] of Object.entries(trainings)) {
  await part(experiment, async () => {
    const config = experimentConfig(getExperiment(experiment), { seed: 1, iterations: 2, settings });
    const directory = join(runs, experiment);
    const { theta } = await train(config, { directory, threads: 2 });
    if (!theta.every(Number.isFinite)) throw new Error('θ is not finite');
    policies[experiment] = readFileSync(join(directory, 'policy.safetensors')).toString('base64');
  });
}

await part('a worker with two threads that ends', () => {
  const code = `
    import { MujocoBatch, MujocoModel } from 'trellis-rl';
    const model = MujocoModel.fromXml('<mujoco><worldbody><body><joint/><geom size=".1"/></body></worldbody></mujoco>');
    const batch = new MujocoBatch(model, { slots: 256, threads: 2 });
    batch.step(10);`;
  const source = new URL('smoke-worker.mjs', import.meta.url);
  writeFileSync(source, code);
  return new Promise((done, refuse) => {
    const timer = setTimeout(() => refuse(new Error('it did not end within 60 s')), 60_000);
    const worker = new Worker(source);
    worker.once('error', refuse);
    worker.once('exit', (status) => {
      clearTimeout(timer);
      if (status === 0) done();
      else refuse(new Error(`it ended with ${status}`));
    });
  });
});

await part('Atari on a synthetic cartridge', () => {
  const rom = readFileSync(new URL('cartridge.bin', import.meta.url));
  const batch = new AtariBatch({ rom, game: 'qbert', slots: 4, threads: 2 });
  for (let i = 0; i < 20; i++) batch.step(new Int32Array(4));
  const first = batch.save();
  batch.step(new Int32Array(4));
  batch.restore(first);
  batch.close();
});

await part('an engine error is caught', () => {
  const ball = '<mujoco><worldbody><body><freejoint/><geom size="0.1"/></body></worldbody></mujoco>';
  const batch = new MujocoBatch(MujocoModel.fromXml(ball), { slots: 2, threads: 2 });
  batch.states.fill(1e30);
  batch.step(1);
  batch.close();
});

let instructionSet = 'unknown';
await part('doctor', async () => {
  const { examine } = await import(new URL('node_modules/trellis-rl/dist/src/cli/doctor.js', import.meta.url).href);
  const findings = await examine();
  instructionSet = findings.find(({ name }) => name === 'vector instructions')?.detail.split(' ')[0] ?? 'unknown';
  const problems = findings.filter(({ status }) => status === 'problem');
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
});

writeFileSync(result, JSON.stringify({ failed, node: process.version, instructionSet, policies }));
process.exit(0);
