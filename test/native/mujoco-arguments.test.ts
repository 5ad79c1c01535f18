import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArgumentError, ClosedError, NotFoundError } from '../../src/base/errors.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { ballXml, legXml } from './mujoco-models.js';
import { at, put } from './state-elements.js';

const leg = MujocoModel.fromXml(legXml);

describe('arguments of a MujocoBatch', () => {
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
});
