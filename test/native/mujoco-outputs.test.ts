import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArgumentError, ClosedError, ModelError, NotFoundError } from '../../src/base/errors.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { ballXml, legXml, planarXml, richAssets, richXml } from './mujoco-models.js';
import { at, drive, put } from './state-elements.js';

const leg = MujocoModel.fromXml(legXml);

describe('outputs of a MujocoBatch', () => {
  for (const options of [{ threads: 1 }, { threads: 3 }, { persistent: true }, { externalBuffers: false }]) {
    it(`gathers columns of states and outputs after every step: ${JSON.stringify(options)}`, () => {
      const batch = new MujocoBatch(MujocoModel.fromXml(planarXml), { slots: 9, kernel: 'planar', ...options });
      const rows = batch.gather([{ name: 'qpos', first: 1 }, 'planar_bodies', { name: 'qvel', first: 1, count: 2 }]);
      const bodies = batch.output('planar_bodies') as Float64Array;
      const [qpos, qvel] = [batch.state('qpos'), batch.state('qvel')];
      assert.equal(rows.length, 9 * 17);
      const check = (slot: number) => {
        const wanted = [at(qpos, slot, 1), at(qpos, slot, 2), at(qpos, slot, 3)];
        wanted.push(...bodies.subarray(12 * slot, 12 * slot + 12), at(qvel, slot, 1), at(qvel, slot, 2));
        assert.deepEqual([...rows.subarray(17 * slot, 17 * slot + 17)], wanted.map(Math.fround));
        const pitch = at(qpos, slot, 2) - at(qpos, slot, 3);
        assert.ok(Math.abs(bodies[12 * slot + 10] - pitch) < 1e-15);
      };
      for (let slot = 0; slot < 9; slot++) for (let i = 0; i < 4; i++) put(qpos, slot, 0.1 * (slot + i), i);
      batch.refresh({ slots: [0, 5] });
      [0, 5].forEach(check);
      assert.ok(rows.subarray(17, 34).every((value) => value === 0));
      for (let time = 0; time < 20; time++) {
        drive(batch, time);
        batch.step(2);
        for (let slot = 0; slot < 9; slot++) check(slot);
      }
      const before = rows.slice(0, 17);
      batch.step(3, { slots: [4], stage: 'velocity' });
      check(4);
      assert.deepEqual(rows.slice(0, 17), before);
      // A diverged slot keeps its row, a restored one only has a new one if derived quantities were asked for.
      put(qvel, 0, 1e12);
      assert.equal(batch.step(), 1);
      assert.deepEqual(rows.slice(0, 17), before);
      check(1);
      const old = rows.slice(17, 34);
      batch.restore(batch.save({ slots: [8] }), { slots: [1], stage: 'none' });
      assert.deepEqual(rows.slice(17, 34), old);
      batch.restore(batch.save({ slots: [8] }), { slots: [1] });
      check(1);
      batch.close();
      assert.equal(rows.length, 0);
    });
  }

  for (const options of [{ threads: 1 }, { threads: 2, persistent: true }, { externalBuffers: false }]) {
    it(`computes what MuJoCo only fills on request: ${JSON.stringify(options)}`, () => {
      const batch = new MujocoBatch(MujocoModel.fromXml(ballXml), { slots: 2, ...options });
      const force = batch.output('cfrc_ext');
      const velocity = batch.output('subtree_linvel');
      const energy = batch.output('energy');
      const rows = batch.gather([{ name: 'cfrc_ext', first: 11 }, 'energy']);
      const [qpos, qvel] = [batch.state('qpos'), batch.state('qvel')];
      for (const stage of ['acceleration', 'none'] as const) {
        batch.reset();
        put(qvel, 1, 1);
        batch.step(600, { stage });
        // 2 kg at rest on the floor, one of them sliding.
        assert.ok(Math.abs(force[11] - 2 * 9.81) < 1e-5, `${force[11]}`);
        assert.ok(Math.abs(velocity[6 + 3] - at(qvel, 1)) < (stage === 'none' ? 2e-2 : 1e-12));
        if (stage !== 'none') assert.ok(Math.abs(energy[2] - 2 * 9.81 * at(qpos, 1, 2)) < 1e-12);
        assert.ok(energy[3] > 0.1 && energy[1] < 1e-6);
        assert.deepEqual(
          [...rows.subarray(0, 3)],
          [force[11], energy[0], energy[1]].map((x) => Math.fround(x!)),
        );
      }
      batch.forward();
      batch.restore(batch.save({ slots: [1] }), { slots: [0] });
      assert.deepEqual(energy.slice(0, 2), energy.slice(2));
      batch.reset({ slots: [1], stage: 'none' });
      assert.deepEqual([...energy.slice(2)], [0, 0]);
      batch.close();
    });
  }

  it('has the outputs of the row kernel that it was asked for, and no others', () => {
    const planar = MujocoModel.fromXml(planarXml);
    assert.throws(
      () => new MujocoBatch(planar, { slots: 1, kernel: 'planer' }),
      /unknown row kernel "planer".*"planar"/,
    );
    assert.throws(() => new MujocoBatch(planar, { slots: 1, kernel: 3 as never }), ArgumentError);
    assert.throws(
      () => new MujocoBatch(leg, { slots: 1, kernel: 'planar' }),
      (error) => error instanceof ModelError && /first body has other joints than/.test(error.message),
    );
    const without = new MujocoBatch(planar, { slots: 1 });
    assert.throws(() => without.output('planar_center'), NotFoundError);
    without.close();
    const batch = new MujocoBatch(planar, { slots: 1, kernel: 'planar', fast: true });
    assert.deepEqual([batch.size('planar_bodies'), batch.output('planar_center').length], [12, 1]);
    assert.ok(batch.fast);
    batch.close();
  });

  // With and without what MuJoCo leaves out where a flag says so.
  const firm = richXml.replace(/<(flexcomp|equality)[\s\S]*?<\/\1>/g, '');
  const flags = '<option><flag spring="disable" damper="disable" gravity="disable"/></option>';
  for (const [name, xml] of [
    ['all forces', firm],
    ['few forces', firm.replace('<asset>', `${flags}<asset>`).replace('density="1.2" viscosity="0.001"', '')],
  ] as const) {
    it(`keeps the fast path, says that it does not, or refuses what would leave it: ${name}`, () => compareFast(xml));
  }

  const compareFast = (xml: string) => {
    const model = MujocoModel.fromXml(xml, { assets: richAssets });
    const [free, general] = [1, 2].map(() => new MujocoBatch(model, { slots: 3, threads: 2 })) as [
      MujocoBatch,
      MujocoBatch,
    ];
    general.parameter('opt.gravity');
    assert.deepEqual([free.fast, general.fast], [true, false]);
    const outputs = Object.entries(model.dataFields).filter(([, { component, rows }]) => component === 0 && rows > 0);
    const kept: string[] = [];
    const bound = new MujocoBatch(model, { slots: 3, threads: 2, fast: true });
    for (const [name] of outputs) {
      if (name === 'qfrc_inverse' || name === 'solver_fwdinv') continue;
      try {
        bound.output(name);
      } catch (error) {
        assert.ok(error instanceof ArgumentError && /general path/.test(error.message), `${name}: ${error}`);
        continue;
      }
      kept.push(name);
      free.output(name);
      general.output(name);
      assert.ok(bound.fast && free.fast, name);
    }
    assert.ok(kept.length > 30 && kept.length < outputs.length, `${kept.length} of ${outputs.length}`);
    for (const batch of [free, general, bound]) batch.reset({ keyframe: 'start' });
    for (let time = 0; time < 200; time++) {
      for (const batch of [free, general, bound]) {
        batch.setControls(Float64Array.from({ length: 3 * model.sizes.nu! }, (_, i) => Math.sin(time + i)));
        batch.step(1, time % 7 === 6 ? { slots: [time % 3] } : {});
      }
      assert.deepEqual(free.states, general.states);
      for (const name of kept) assert.deepEqual(free.output(name), general.output(name), `${name} at ${time}`);
    }
    assert.ok(free.fast);
    assert.throws(() => bound.parameter('body_mass'), /general path/);
    assert.throws(() => bound.gather(['qpos', 'qLD']), /general path/);
    assert.throws(() => new MujocoBatch(model, { slots: 1, fast: true, persistent: true }), /persistent/);
    free.output('qLD');
    assert.equal(free.fast, false);
    for (const batch of [free, general, bound]) batch.close();
  };

  it('refuses stages that would leave a requested output half computed, and outputs that no call computes', () => {
    const batch = new MujocoBatch(leg, { slots: 1 });
    batch.output('subtree_angmom');
    assert.throws(
      () => batch.step(1, { stage: 'position' }),
      /"position".*"subtree_angmom".*none or velocity or accel/s,
    );
    assert.equal(batch.step(1, { stage: 'velocity' }), 0);
    batch.gather(['cfrc_int']);
    for (const call of [() => batch.step(1, { stage: 'velocity' }), () => batch.forward({ stage: 'position' })])
      assert.throws(call, ArgumentError);
    assert.throws(() => batch.reset({ stage: 'velocity' }), /"cfrc_int"/);
    assert.throws(() => batch.restore(batch.save(), { stage: 'velocity' }), /none or acceleration/);
    assert.throws(() => batch.output('qfrc_inverse'), /inverse dynamics/i);
    assert.throws(() => batch.gather(['qfrc_inverse']), ArgumentError);
    assert.throws(() => batch.output('solver_fwdinv'), /fwdinv/);
    const inverse = MujocoModel.fromXml(legXml.replace('<option', '<option><flag fwdinv="enable"/></option><option'));
    const other = new MujocoBatch(inverse, { slots: 1 });
    const difference = other.output('solver_fwdinv');
    other.reset({ keyframe: 'high' });
    let largest = 0;
    for (let i = 0; i < 300; i++) {
      other.step(1);
      largest = Math.max(largest, ...difference);
    }
    assert.ok(largest > 0);
    other.close();
    batch.close();
  });

  it('shows contacts through sensors, counts as integers, and every part of the state', () => {
    const xml = ballXml
      .replace('type="plane"', 'name="floor" type="plane"')
      .replace(
        '</mujoco>',
        `<sensor><contact name="feet" geom1="floor" num="2" reduce="maxforce" data="found force pos normal"/></sensor>
        <equality><weld body1="ball" body2="hand" active="false"/></equality></mujoco>`,
      )
      .replace('<body pos', '<body name="ball" pos')
      .replace(
        '</worldbody>',
        '<body name="hand" mocap="true" pos="1 0 1"><geom size=".01" contype="0" conaffinity="0"/></body></worldbody>',
      );
    const model = MujocoModel.fromXml(xml);
    const batch = new MujocoBatch(model, { slots: 2, threads: 1 });
    const { address, size } = model.sensor('feet');
    const data = batch.output('sensordata');
    const counts = batch.output('ncon');
    const width = batch.size('sensordata');
    assert.equal(size, 2 * 10);
    put(batch.state('qpos'), 1, 5, 2);
    batch.step(400, { stage: 'acceleration' });
    assert.deepEqual([...counts], [1, 0]);
    const [found, force, , , x, , z, nx, , nz] = data.subarray(address, address + 10);
    assert.equal(found, 1);
    assert.ok(Math.abs(force! - 2 * 9.81) < 1e-3 && Math.abs(x!) < 1e-9 && Math.abs(z!) < 1e-2);
    assert.ok(Math.abs(nx!) < 1e-9 && Math.abs(Math.abs(nz!) - 1) < 1e-9);
    assert.equal(data[width + address], 0);
    const names = [
      'time',
      'qpos',
      'qvel',
      'act',
      'ctrl',
      'qfrc_applied',
      'xfrc_applied',
      'eq_active',
      'mocap_pos',
      'mocap_quat',
      'userdata',
    ];
    const sizes = Object.fromEntries(names.map((name) => [name, batch.state(name).size]));
    assert.deepEqual(sizes, {
      time: 1,
      qpos: 7,
      qvel: 6,
      act: 0,
      ctrl: 0,
      qfrc_applied: 6,
      xfrc_applied: 18,
      eq_active: 1,
      mocap_pos: 3,
      mocap_quat: 4,
      userdata: 0,
    });
    put(batch.state('eq_active'), 0, 1);
    const mocap = batch.state('mocap_pos');
    assert.equal(at(mocap, 0), 1);
    batch.step(2000);
    assert.ok(Math.abs(at(batch.state('qpos'), 0) - 0) < 0.2 && at(batch.state('qpos'), 0, 2) > 0.05);
    put(mocap, 0, 3, 2);
    batch.step(2000);
    assert.ok(at(batch.state('qpos'), 0, 2) > 1, 'the weld lifts the ball after the hand');
    batch.close();
  });

  it('rejects columns that cannot be gathered', () => {
    const batch = new MujocoBatch(leg, { slots: 2, threads: 1 });
    assert.throws(() => batch.gather([]), ArgumentError);
    assert.throws(() => batch.gather(['qpso']), NotFoundError);
    assert.throws(() => batch.gather(['planar_bodies']), NotFoundError);
    assert.throws(() => batch.gather(['ncon']), ArgumentError);
    assert.throws(() => batch.gather([{ name: 'qpos', first: 2 }]), ArgumentError);
    assert.throws(() => batch.gather([{ name: 'qpos', first: 1, count: 2 }]), ArgumentError);
    assert.throws(() => batch.refresh({ slots: [2] }), ArgumentError);
    batch.close();
    assert.throws(() => batch.gather(['qpos']), ClosedError);
    assert.throws(() => batch.refresh(), ClosedError);
  });
});
