import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  ArgumentError,
  ClosedError,
  MemoryError,
  NotFoundError,
  SnapshotError,
  type TrellisError,
} from '../../src/base/errors.js';
import { Fault } from '../../src/native/batch-simulator.js';
import { takeMujocoWarnings } from '../../src/native/mujoco-addon.js';
import { MujocoBatch, warningKinds } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { ballXml, legXml, starvedXml } from './mujoco-models.js';
import { at, drive, put } from './state-elements.js';

const leg = MujocoModel.fromXml(legXml);

describe('MujocoBatch', () => {
  it('has live views of states and outputs', () => {
    const batch = new MujocoBatch(leg, { slots: 3, threads: 1 });
    const [qpos, qvel, time] = [batch.state('qpos'), batch.state('qvel'), batch.state('time')];
    const geoms = batch.output('geom_xpos');
    assert.equal(geoms.length, 3 * 9);
    assert.equal(qpos, batch.state('qpos'));
    assert.equal(geoms, batch.output('geom_xpos'));
    put(qpos, 2, 0.25);
    put(qvel, 2, 3);
    batch.forward();
    assert.equal(geoms[2 * 9 + 3 + 2], 1.25);
    batch.step(4);
    assert.ok(Math.abs(at(time, 2) - 0.02) < 1e-12);
    assert.ok(at(qpos, 2) > 0.25);
    assert.ok(at(qpos, 0) < 0);
    batch.close();
  });

  it('resets rows to what a whole reset makes of them', () => {
    const reset = (persistent: boolean) => {
      const batch = new MujocoBatch(leg, { slots: 3, threads: 1, persistent });
      const outputs = ['geom_xpos', 'qacc', 'nefc', 'subtree_linvel', 'sensordata'].map((name) => batch.output(name));
      batch.reset({ stage: 'none' });
      const seen: number[][] = [];
      for (const slots of [[1], [0, 2], undefined]) {
        batch.states.fill(0.125);
        batch.step(3);
        batch.states.fill(0.25);
        assert.equal(batch.reset({ stage: 'none', ...(slots === undefined ? {} : { slots }) }), 0);
        for (const table of [batch.states, ...outputs]) seen.push(Array.from(table, Number));
      }
      batch.step(2);
      seen.push([...batch.states]);
      batch.close();
      return seen;
    };
    // A persistent batch has mjBatch reset its simulations; the other only the first time.
    assert.deepEqual(reset(false), reset(true));
  });

  it('brings outputs up to date as far as the stage says', () => {
    const batch = new MujocoBatch(leg, { slots: 1 });
    const angle = batch.output('sensordata');
    put(batch.state('qvel'), 0, 2, 1);
    batch.step(1);
    assert.equal(angle[0], 0);
    batch.step(1, { stage: 'position' });
    assert.equal(angle[0], at(batch.state('qpos'), 0, 1));
    batch.close();
  });

  it('gives the same states for any thread count, N, order and kind of memory', () => {
    const run = (options: { slots: number; threads: number; persistent?: boolean; externalBuffers?: boolean }) => {
      const batch = new MujocoBatch(leg, options);
      const legs = batch.output('xpos');
      for (let time = 0; time < 100; time++) {
        drive(batch, time);
        batch.step(2, { stage: 'velocity' });
      }
      const result = [Buffer.from(batch.save({ slots: [0, 1] })).toString('hex'), legs.slice(0, 18).join()];
      batch.close();
      return result;
    };
    const expected = run({ slots: 2, threads: 1 });
    assert.deepEqual(run({ slots: 2, threads: 2 }), expected);
    assert.deepEqual(run({ slots: 9, threads: 2 }), expected);
    assert.deepEqual(run({ slots: 2, threads: 1, persistent: true }), expected);
    assert.deepEqual(run({ slots: 3, threads: 2, externalBuffers: false }), expected);
  });

  it('steps only the slots it is told to, in any order', () => {
    const batch = new MujocoBatch(leg, { slots: 4 });
    const time = batch.state('time');
    batch.step(1, { slots: [3, 1] });
    batch.step(1, { slots: Int32Array.of(1) });
    assert.deepEqual(
      [0, 1, 2, 3].map((slot) => Math.round(at(time, slot) / 0.005)),
      [0, 2, 0, 1],
    );
    assert.equal(batch.step(1, { slots: [] }), 0);
    batch.reset({ slots: [1], keyframe: 'high' });
    assert.equal(at(batch.state('qpos'), 1), 2);
    assert.equal(at(time, 3), 0.005);
    batch.close();
  });

  it('replays from saved states in any slot of any batch', () => {
    const trunk = new MujocoBatch(leg, { slots: 2 });
    for (let time = 0; time < 60; time++) {
      drive(trunk, time);
      trunk.step();
    }
    const saved = trunk.save();
    const branches = new MujocoBatch(leg, { slots: 6, threads: 2 });
    branches.restore(saved, { slots: [5, 0, 2], rows: [1, 1, 0] });
    for (let time = 0; time < 30; time++) {
      for (const batch of [trunk, branches]) {
        batch.setControls(new Float64Array(batch.slots).fill(Math.cos(time)));
        batch.step(3);
      }
    }
    assert.deepEqual(branches.save({ slots: [5] }), trunk.save({ slots: [1] }));
    assert.deepEqual(branches.save({ slots: [0] }), trunk.save({ slots: [1] }));
    assert.deepEqual(branches.save({ slots: [2] }), trunk.save({ slots: [0] }));
    trunk.close();
    branches.close();
  });

  it('gives slots their own model parameters', () => {
    const batch = new MujocoBatch(leg, { slots: 2 });
    const gravity = batch.parameter('opt.gravity');
    assert.equal(gravity.length, 6);
    assert.equal(gravity[5], -9.81);
    gravity[5] = 0;
    const mass = batch.parameter('body_mass');
    mass[1] *= 2;
    assert.equal(batch.setConstants(), 0);
    batch.step(2);
    assert.ok(at(batch.state('qvel'), 0) < 0);
    assert.equal(at(batch.state('qvel'), 1), 0);
    assert.throws(() => batch.parameter('body_mas'), NotFoundError);
    assert.throws(() => batch.parameter('mesh_vert'), /share assets/);
    for (const name of ['jnt_qposadr', 'body_parentid', 'geom_bodyid', 'sensor_adr', 'opt.iterations', 'geom_condim'])
      assert.throws(() => batch.parameter(name), ArgumentError);
    batch.close();
  });

  for (const externalBuffers of [true, false]) {
    it(`reports every divergence and goes on (externalBuffers ${externalBuffers})`, () => {
      const batch = new MujocoBatch(leg, { slots: 3, externalBuffers });
      takeMujocoWarnings();
      for (let round = 1; round <= 2; round++) {
        put(batch.state('qvel'), 1, Number.NaN);
        assert.equal(batch.step(2), 1);
        assert.deepEqual([...batch.faults], [Fault.none, Fault.diverged, Fault.none]);
        const kind = warningKinds.indexOf('badQvel');
        assert.equal(batch.warningCounts[warningKinds.length + kind], round);
        assert.ok(Number.isFinite(at(batch.state('qvel'), 1)));
      }
      assert.equal(batch.step(2), 0);
      assert.deepEqual([...batch.faults], [0, 0, 0]);
      const texts = takeMujocoWarnings();
      assert.ok(
        texts.some((text) => /QVEL/.test(text)),
        `${texts}`,
      );
      assert.ok(!existsSync('MUJOCO_LOG.TXT'));
      batch.close();
    });
  }

  it('survives an engine error in one slot', () => {
    const batch = new MujocoBatch(MujocoModel.fromXml(starvedXml), { slots: 2 });
    const qpos = batch.state('qpos');
    put(qpos, 1, 50, 2);
    put(qpos, 1, 50, 9);
    assert.equal(batch.step(), 1);
    assert.deepEqual([...batch.faults], [Fault.engineError, Fault.none]);
    assert.match(batch.errorText(0), /memory/);
    assert.equal(batch.errorText(1), '');
    batch.close();
  });

  it('refuses to save what is not all in the row: models with sleep', () => {
    const model = MujocoModel.fromXml(ballXml.replace('<mujoco>', '<mujoco><option><flag sleep="enable"/></option>'));
    assert.throws(() => new MujocoBatch(model, { slots: 1 }), /sleep.*persistent: true/);
    const batch = new MujocoBatch(model, { slots: 2, persistent: true });
    assert.equal(batch.step(5), 0);
    const refused = (error: Error) => error instanceof SnapshotError && /sleep/.test(error.message);
    assert.throws(() => batch.save(), refused);
    assert.throws(() => batch.restore(batch.states.slice()), refused);
    batch.close();
  });

  it('refuses what cannot fit in memory', () => {
    const hundredBalls = Array.from(
      { length: 100 },
      (_, i) => `<body pos="${i} 0 0"><freejoint/><geom size=".1"/></body>`,
    );
    const model = MujocoModel.fromXml(`<mujoco><worldbody>${hundredBalls.join('')}</worldbody></mujoco>`);
    assert.throws(() => new MujocoBatch(model, { slots: 2 ** 24 }), MemoryError);
  });

  it('empties every array at close, and says so afterwards', () => {
    const model = MujocoModel.fromXml(legXml);
    const batch = new MujocoBatch(model, { slots: 2 });
    model.close();
    const arrays = [
      batch.states,
      batch.faults,
      batch.warningCounts,
      batch.output('xpos'),
      batch.parameter('body_mass'),
    ];
    assert.equal(batch.step(), 0);
    batch.close();
    batch.close();
    for (const array of arrays) assert.equal(array.length, 0);
    assert.ok(batch.closed);
    for (const call of [
      () => batch.step(),
      () => batch.forward(),
      () => batch.reset(),
      () => batch.state('qpos'),
      () => batch.output('xpos'),
      () => batch.parameter('body_mass'),
      () => batch.save(),
      () => batch.restore(new Float64Array(batch.stateSize)),
      () => batch.setControls([0, 0]),
      () => batch.setConstants(),
      () => batch.errorText(0),
    ]) {
      assert.throws(call, (error: TrellisError) => error instanceof ClosedError && error.code === 'ERR_CLOSED');
    }
    assert.throws(() => new MujocoBatch(model, { slots: 1 }), ClosedError);
  });
});
