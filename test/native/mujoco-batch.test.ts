// Long because it mirrors one class: every method of MujocoBatch, its bad input and its life cycle stand together.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  ArgumentError,
  ClosedError,
  MemoryError,
  ModelError,
  NotFoundError,
  SnapshotError,
  type TrellisError,
} from '../../src/base/errors.js';
import { Fault } from '../../src/native/batch-simulator.js';
import { takeMujocoWarnings } from '../../src/native/mujoco-addon.js';
import { MujocoBatch, type StateView, warningKinds } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { ballXml, legXml, planarXml, richAssets, richXml, starvedXml } from './mujoco-models.js';

const leg = MujocoModel.fromXml(legXml);
const at = ({ array, offset, stride }: StateView, slot: number, element = 0): number =>
  array[offset + slot * stride + element]!;
const put = ({ array, offset, stride }: StateView, slot: number, value: number, element = 0): void => {
  array[offset + slot * stride + element] = value;
};
const drive = (batch: MujocoBatch, time: number): void => {
  batch.setControls(Float64Array.from({ length: batch.slots }, (_, slot) => Math.sin(0.3 * time + slot)));
};

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
        assert.ok(Math.abs(bodies[12 * slot + 10]! - pitch) < 1e-15);
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
        assert.ok(Math.abs(force[11]! - 2 * 9.81) < 1e-5, `${force[11]}`);
        assert.ok(Math.abs(velocity[6 + 3]! - at(qvel, 1)) < (stage === 'none' ? 2e-2 : 1e-12));
        if (stage !== 'none') assert.ok(Math.abs(energy[2]! - 2 * 9.81 * at(qpos, 1, 2)) < 1e-12);
        assert.ok(energy[3]! > 0.1 && energy[1]! < 1e-6);
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
    other.step(300);
    assert.ok(difference.some((value) => value > 0));
    other.close();
    batch.close();
  });

  it('gives slots their own model parameters', () => {
    const batch = new MujocoBatch(leg, { slots: 2 });
    const gravity = batch.parameter('opt.gravity');
    assert.equal(gravity.length, 6);
    assert.equal(gravity[5], -9.81);
    gravity[5] = 0;
    const mass = batch.parameter('body_mass');
    mass[1]! *= 2;
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

  it('rejects bad arguments with typed errors', () => {
    const batch = new MujocoBatch(leg, { slots: 3 });
    const saved = batch.save();
    const rejected: [() => unknown, RegExp][] = [
      [() => new MujocoBatch(leg, { slots: -1 }), /slots = -1/],
      [() => new MujocoBatch(leg, { slots: 1.5 }), /slots = 1.5/],
      [() => new MujocoBatch(leg, { slots: 1e12 }), /slots = 1000000000000/],
      [() => new MujocoBatch(leg, { slots: 1, threads: 0 }), /threads = 0/],
      [() => batch.step(0), /substeps = 0/],
      [() => batch.step(1, { slots: [3] }), /slot = 3/],
      [() => batch.step(1, { slots: [1, 1] }), /slot 1 is named twice/],
      [() => batch.step(1, { slots: Int32Array.of(-1) }), /slot = -1/],
      [() => batch.setControls(new Float64Array(2)), /3 slots × 1 controls = 3/],
      [() => batch.setControls([0, Number.NaN, 0]), /control 0 of slot 1 is not finite/],
      [() => batch.setControls([Number.NaN], { slots: [2] }), /control 0 of slot 2 is not finite/],
      [() => batch.save({ slots: [0], into: new Float64Array(3) }), /length 3/],
      [() => batch.restore(new Float64Array(5)), /saved states of 5/],
      [() => batch.restore(saved, { slots: [0] }), /3 rows for 1 slots/],
      [() => batch.restore(saved, { slots: [0], rows: [7] }), /row = 7/],
      [() => batch.restore(saved, { slots: [0, 0, 1] }), /named twice/],
      [() => batch.reset({ keyframe: 4 }), /keyframe = 4/],
      [() => batch.errorText(9), /slot = 9/],
    ];
    for (const [call, message] of rejected) {
      assert.throws(call, (error: Error) => {
        assert.ok(error instanceof ArgumentError, `${error}`);
        assert.match(error.message, message);
        return true;
      });
    }
    assert.throws(() => batch.step(1, { stage: 'velocty' as 'velocity' }), /velocity/);
    assert.throws(() => batch.output('xposs'), /xpos/);
    assert.throws(() => batch.output('qpos'), /state\(\)/);
    assert.throws(() => batch.state('xpos'), /output\(\)/);
    assert.throws(() => batch.reset({ keyframe: 'hight' }), NotFoundError);
    put(batch.state('ctrl'), 1, Number.POSITIVE_INFINITY);
    assert.throws(() => batch.step(), /control 0 of slot 1 is not finite/);
    assert.equal(batch.step(1, { slots: [0, 2] }), 0);
    batch.close();
  });

  it('checks what it is given as memory, whoever wrote the call', () => {
    const batch = new MujocoBatch(leg, { slots: 50, threads: 1 });
    const n = 50 * batch.stateSize;
    const any = (value: unknown) => value as never;
    const detached = new Float64Array(n);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const closing = {
      get slots() {
        return [0];
      },
      get stage() {
        return 'none';
      },
      get extra() {
        return 1;
      },
    };
    const calls: (() => unknown)[] = [
      () => batch.save({ into: any(new Uint8Array(n)) }),
      () => batch.save({ into: any(new Float32Array(n)) }),
      () => batch.save({ into: any(new Array(n).fill(0)) }),
      () => batch.save({ into: detached }),
      () => batch.save({ slots: any('all') }),
      () => batch.save({ slots: any(new Float64Array(3)) }),
      () => batch.restore(any(new Float32Array(n))),
      () => batch.restore(detached),
      () => batch.restore(any({ length: n })),
      () => batch.restore(new Float64Array(n), any([0])),
      () => batch.setControls(any(7)),
      () => batch.setControls(any({ length: 50 })),
      () => batch.setControls(any(new Array(50).fill('1'))),
      () => batch.step(any('1')),
      () => batch.step(1, any(null)),
      () => batch.step(1, any({ slot: [1] })),
      () => batch.step(1, any(closing)),
      () => batch.step(1, { stage: any('constructor') }),
      () => batch.step(1, { stage: any(2) }),
      () => batch.forward({ slots: any(new Uint32Array(2)) }),
      () => batch.reset({ keyframe: any(null) }),
      () => batch.gather(any('qpos')),
      () => batch.gather([any({ name: 'qpos', from: 1 })]),
      () => batch.gather([any(null)]),
      () => batch.output(any(3)),
      () => batch.output('constructor'),
      () => batch.state(any(undefined)),
      () => batch.size(any({})),
      () => batch.parameter(any([])),
      () => batch.errorText(any('0')),
      () => new MujocoBatch(any({ closed: false }), { slots: 1 }),
      () => new MujocoBatch(leg, any(undefined)),
      () => new MujocoBatch(leg, { slots: 1, persistent: any('yes') }),
      () => new MujocoBatch(leg, any({ slots: 1, treads: 2 })),
      () => MujocoModel.fromXml(ballXml, any({ assets: { a: 7 } })),
      () => MujocoModel.fromXml(ballXml, any({ directory: 7 })),
      () => MujocoModel.fromXml(ballXml, any({ folder: '.' })),
      () => leg.names(any(3)),
      () => leg.field(any(Symbol('x'))),
      () => leg.joint(any({})),
    ];
    for (const call of calls) {
      assert.throws(call, (error) => error instanceof ArgumentError || error instanceof NotFoundError, `${call}`);
    }
    batch.close();
  });

  it('reads options once, and notices a getter that closes the batch', () => {
    for (const call of ['step', 'forward', 'reset', 'restore', 'save', 'refresh', 'setConstants'] as const) {
      const batch = new MujocoBatch(leg, { slots: 2 });
      const slots = Object.defineProperty([0, 1], 1, { get: () => batch.close() ?? 1 });
      const saved = batch.save();
      assert.throws(() => {
        if (call === 'step') batch.step(1, { slots });
        else if (call === 'restore') batch.restore(saved, { slots });
        else batch[call]({ slots });
      }, ClosedError);
    }
    const batch = new MujocoBatch(leg, { slots: 2 });
    let reads = 0;
    batch.step(1, {
      get slots() {
        return reads++ === 0 ? [0] : [99];
      },
    });
    assert.equal(reads, 1);
    batch.close();
  });

  it('moves rows within its own table, whichever way they overlap', () => {
    const batch = new MujocoBatch(leg, { slots: 3 });
    const qpos = batch.state('qpos');
    for (let slot = 0; slot < 3; slot++) put(qpos, slot, slot + 1);
    batch.restore(batch.states, { rows: [1, 2, 0], stage: 'none' });
    assert.deepEqual(
      [0, 1, 2].map((slot) => at(qpos, slot)),
      [2, 3, 1],
    );
    batch.save({ slots: [2, 0, 1], into: batch.states });
    assert.deepEqual(
      [0, 1, 2].map((slot) => at(qpos, slot)),
      [1, 2, 3],
    );
    batch.close();
  });

  it('says what is wrong with a keyframe, an empty field and a name', () => {
    const batch = new MujocoBatch(MujocoModel.fromXml(ballXml), { slots: 1 });
    assert.throws(() => batch.reset({ keyframe: 0 }), /the model has no keyframes/);
    assert.throws(() => batch.reset({ keyframe: 'home' }), /the model has no keyframes/);
    assert.throws(() => batch.gather(['act']), /"act" has no elements in this model/);
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
