import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Purpose, streamKey, uniform } from '../../src/base/random.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { legXml } from '../native/mujoco-models.js';
import { extraModels } from './mujoco-models.js';

// Against Python's mujoco 4.0.1, a plain loop over mj_step ($TRELLIS_PYTHON, else python3): equal to the last bit.
const python = process.env['TRELLIS_PYTHON'] || 'python3';
const oracle = fileURLToPath(new URL('mujoco_oracle.py', import.meta.url));
const folder = fileURLToPath(new URL('../../envs/mujoco/models', import.meta.url));
const steps = 400;
const slots = 4;
const fields = ['xpos', 'xmat', 'geom_xpos', 'cvel', 'subtree_com', 'qacc', 'qfrc_constraint'] as const;

const requested = ['cacc', 'cfrc_int', 'cfrc_ext', 'subtree_linvel', 'subtree_angmom', 'energy'] as const;

type Source = { xml: string } | { path: string };
const sources: [string, Source][] = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.xml'))
    .map((name): [string, Source] => [name, { path: join(folder, name) }]),
  ['leg', { xml: legXml }],
  ...Object.entries(extraModels).map(([name, xml]): [string, Source] => [name, { xml }]),
];

/** [steps × slots × nu], over one and a half times the actuators' ranges; the last slot is left alone. */
function controlsOf(model: MujocoModel): Float64Array {
  const actuators = model.names('actuator').map((_, id) => model.actuator(id));
  const [k0, k1] = streamKey(1, Purpose.scratch);
  let draw = 0;
  const controls: number[] = [];
  for (let row = 0; row < steps * slots; row++) {
    for (const { ctrlRange } of actuators) {
      const [low, high] = ctrlRange ?? [-1, 1];
      const u = 1.5 * (2 * uniform(k0, k1, draw++, 0) - 1);
      controls.push(row % slots === slots - 1 ? 0 : (low + high) / 2 + (u * (high - low)) / 2);
    }
  }
  return Float64Array.from(controls);
}

function ours(model: MujocoModel, substeps: number, controls: Float64Array, persistent: boolean): Buffer {
  const batch = new MujocoBatch(model, { slots, threads: 2, persistent });
  const observer = new MujocoBatch(model, { slots, threads: 1 });
  const outputs = fields.map((name) => ({ array: observer.output(name), size: observer.size(name) }));
  const width = controls.length / steps;
  const rows: Buffer[] = [];
  for (let step = 0; step < steps; step++) {
    batch.setControls(controls.subarray(step * width, (step + 1) * width));
    assert.equal(batch.step(substeps, { stage: step % 2 ? 'velocity' : 'none' }), 0);
    const states = batch.save();
    observer.restore(states, { stage: 'acceleration' });
    for (let slot = 0; slot < slots; slot++) {
      const state = states.slice(slot * batch.stateSize, (slot + 1) * batch.stateSize);
      rows.push(Buffer.from(state.buffer));
      for (const { array, size } of outputs) rows.push(Buffer.from(array.slice(slot * size, (slot + 1) * size).buffer));
    }
  }
  batch.close();
  observer.close();
  return Buffer.concat(rows);
}

/** States and requested outputs of a batch that steps in one of its ways. */
function oursRequested(
  model: MujocoModel,
  controls: Float64Array,
  stage: 'none' | 'acceleration',
  way: string,
): Buffer {
  const batch = new MujocoBatch(model, { slots, threads: 2, persistent: way === 'persistent' });
  if (way === 'parameters') batch.parameter('opt.gravity');
  const outputs = requested.map((name) => ({ array: batch.output(name), size: batch.size(name) }));
  const width = controls.length / steps;
  const rows: Buffer[] = [];
  for (let step = 0; step < steps; step++) {
    batch.setControls(controls.subarray(step * width, (step + 1) * width));
    assert.equal(batch.step(3, { stage }), 0);
    for (let slot = 0; slot < slots; slot++) {
      rows.push(Buffer.from(batch.save({ slots: [slot] }).buffer));
      for (const { array, size } of outputs) rows.push(Buffer.from(array.slice(slot * size, (slot + 1) * size).buffer));
    }
  }
  batch.close();
  return Buffer.concat(rows);
}

function theirs(source: Source, substeps: number, controls: Float64Array, more: object = {}): Buffer {
  const task = JSON.stringify({ ...source, substeps, slots, fields, ...more });
  const input = Buffer.concat([Buffer.from(`${task}\n`), Buffer.from(controls.buffer)]);
  const { status, stdout, stderr, error } = spawnSync(python, [oracle], { input, maxBuffer: 2 ** 30 });
  if (status !== 0) {
    throw new Error(
      `${python} (pip install mujoco==4.0.0, then --no-deps mujoco-core==4.0.1; $TRELLIS_PYTHON): ${error ?? stderr.toString()}`,
    );
  }
  return stdout;
}

describe('MujocoBatch is Python’s mujoco to the last bit', () => {
  for (const [name, source] of sources) {
    for (const substeps of [1, 4]) {
      it(`${name}, ${substeps} substeps`, () => {
        const model = 'xml' in source ? MujocoModel.fromXml(source.xml) : MujocoModel.fromFile(source.path);
        const controls = controlsOf(model);
        const expected = theirs(source, substeps, controls);
        for (const persistent of [false, true]) {
          const found = ours(model, substeps, controls, persistent);
          assert.equal(found.length, expected.length);
          if (found.equals(expected)) continue;
          const at = found.findIndex((byte, i) => byte !== expected[i]);
          const row = expected.length / (steps * slots);
          assert.equal(
            at,
            -1,
            `first difference at step ${Math.floor(at / (row * slots))}, byte ${at % row} of the row`,
          );
        }
      });
    }
  }
});

describe('outputs on request are those of the same calls in Python', () => {
  for (const [name, source] of sources) {
    for (const stage of ['none', 'acceleration'] as const) {
      it(`${name}, stage ${stage}`, () => {
        const model = 'xml' in source ? MujocoModel.fromXml(source.xml) : MujocoModel.fromFile(source.path);
        const controls = controlsOf(model);
        const expected = theirs(source, 3, controls, { fields: requested, requested: stage });
        for (const way of ['plain', 'persistent', 'parameters']) {
          const found = oursRequested(model, controls, stage, way);
          assert.equal(found.length, expected.length);
          assert.ok(
            found.equals(expected),
            `${way}: differs at byte ${found.findIndex((byte, i) => byte !== expected[i])}`,
          );
        }
      });
    }
  }
});
