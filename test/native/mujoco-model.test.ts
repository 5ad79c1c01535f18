import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ArgumentError, ClosedError, ModelError, NotFoundError } from '../../src/base/errors.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { legXml, richXml } from './mujoco-models.js';

describe('MujocoModel', () => {
  const model = MujocoModel.fromXml(legXml);

  it('says what is in the model, by name', () => {
    assert.equal(model.sizes['nq'], 2);
    assert.equal(model.timestep, 0.005);
    assert.deepEqual(model.names('body'), ['world', 'trunk', 'leg']);
    const hip = model.joint('hip');
    assert.equal(hip.type, 'hinge');
    assert.deepEqual([hip.qposAddress, hip.qposSize, hip.dofAddress, hip.dofSize], [1, 1, 1, 1]);
    assert.ok(Math.abs(hip.range![1] - Math.PI / 3) < 1e-12);
    assert.equal(model.joint('lift').range, null);
    const leg = model.body('leg');
    assert.equal(leg.parentId, model.body('trunk').id);
    assert.deepEqual(
      leg.joints.map(({ name }) => name),
      ['hip'],
    );
    assert.equal(model.geom(leg.geomIds[0]).name, 'thigh');
    assert.deepEqual(model.geom('thigh').size.slice(0, 2), [0.05, 0.25]);
    assert.deepEqual(model.actuator('torque'), {
      id: 0,
      name: 'torque',
      ctrlAddress: 0,
      ctrlSize: 1,
      ctrlRange: [-1, 2],
    });
    assert.deepEqual(model.sensor('angle'), { id: 0, name: 'angle', address: 0, size: 1 });
  });

  it('gives joint addresses behind a free joint', () => {
    const free = MujocoModel.fromXml(`<mujoco><worldbody><body><freejoint name="root"/><geom size="1"/>
      <body><joint name="ball" type="ball"/><geom size="1"/></body></body></worldbody></mujoco>`);
    const { qposAddress, dofAddress, qposSize, dofSize, type } = free.joint('ball');
    assert.deepEqual([type, qposAddress, dofAddress, qposSize, dofSize], ['ball', 7, 6, 4, 3]);
    assert.equal(free.joint('root').qposSize, 7);
  });

  it('copies fields, so that nobody can change the model', () => {
    const mass = model.field('body_mass');
    mass[1] = 1e6;
    assert.notEqual(model.field('body_mass')[1], 1e6);
    assert.deepEqual([...model.field('opt.gravity')], [0, 0, -9.81]);
    assert.deepEqual(model.fieldShape('geom_rgba'), { type: 'float32', rows: 3, columns: 4 });
  });

  it('has the same hash for the same model only', () => {
    assert.equal(MujocoModel.fromXml(legXml).hash, model.hash);
    assert.notEqual(MujocoModel.fromXml(legXml.replace('0.005', '0.004')).hash, model.hash);
  });

  it('has the same hash in every process and folder, and another when an included file or a mesh changed', () => {
    const code = `
      import { MujocoModel } from ${JSON.stringify(new URL('../../src/native/mujoco-model.ts', import.meta.url).href)};
      for (const file of process.argv.slice(1)) console.log(MujocoModel.fromFile(file).hash);`;
    const write = (mass: number, apex: number) => {
      const folder = mkdtempSync(join(tmpdir(), 'trellis-hash-'));
      writeFileSync(join(folder, 'main.xml'), richXml);
      writeFileSync(
        join(folder, 'part.xml'),
        `<mujocoinclude><body><freejoint/><geom size=".1" mass="${mass}"/></body></mujocoinclude>`,
      );
      writeFileSync(
        join(folder, 't.obj'),
        `v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 ${apex}\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n`,
      );
      return folder;
    };
    const folders = [write(1, 1), write(1, 1), write(1.5, 1), write(1, 1.25)];
    try {
      // What malloc returns is filled with another byte each time: memory that nobody wrote would show.
      const [first, second] = ['1', '200'].map((perturb) => {
        const files = folders.map((folder) => join(folder, 'main.xml'));
        const { stdout, stderr, status } = spawnSync(
          process.execPath,
          ['--import', 'tsx', '--input-type=module', '-e', code, ...files],
          { encoding: 'utf8', env: { ...process.env, MALLOC_PERTURB_: perturb } },
        );
        assert.equal(status, 0, stderr);
        return stdout.trim().split('\n');
      });
      assert.deepEqual(first, second);
      assert.equal(first![1], first![0]);
      assert.equal(new Set(first).size, 3);
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true });
    }
  });

  it('reports malformed models with MuJoCo’s text and line', () => {
    const broken = legXml.replace('type="slide"', 'type="slice"');
    assert.throws(
      () => MujocoModel.fromXml(broken),
      (error: ModelError) => {
        assert.ok(error instanceof ModelError);
        assert.match(error.message, /slice/);
        assert.match(error.message, /line 6/);
        return true;
      },
    );
    assert.throws(() => MujocoModel.fromXml('<mujoco'), ModelError);
    assert.throws(() => MujocoModel.fromXml('model.xml'), /fromFile/);
  });

  it('reads files and says which one is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'trellis-'));
    try {
      const file = join(folder, 'leg.xml');
      writeFileSync(file, legXml);
      assert.equal(MujocoModel.fromFile(file).hash, model.hash);
      assert.throws(
        () => MujocoModel.fromFile(join(folder, 'nothing.xml')),
        (error: ModelError) => {
          assert.ok(error instanceof ModelError);
          assert.match(error.message, /nothing\.xml/);
          return true;
        },
      );
      assert.throws(() => MujocoModel.fromFile(folder), ModelError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes assets from memory', () => {
    const xml = `<mujoco><asset><mesh name="m" file="t.obj"/></asset>
      <worldbody><geom type="mesh" mesh="m"/></worldbody></mujoco>`;
    const mesh = Buffer.from('v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n');
    assert.throws(() => MujocoModel.fromXml(xml), ModelError);
    assert.equal(MujocoModel.fromXml(xml, { assets: { 't.obj': mesh } }).sizes['nmeshvert'], 4);
  });

  it('names the nearest names for an unknown one', () => {
    assert.throws(
      () => model.joint('hipp'),
      (error: NotFoundError) => {
        assert.ok(error instanceof NotFoundError);
        assert.match(error.message, /"hip"/);
        return true;
      },
    );
    assert.throws(() => model.field('body_mas'), /body_mass/);
    assert.throws(() => model.geom(99), ArgumentError);
    assert.throws(() => model.names('wheel' as 'body'), NotFoundError);
  });

  it('stays readable after close where it was read before', () => {
    const closing = MujocoModel.fromXml(legXml);
    const { hash } = closing;
    closing.joint('hip');
    closing.close();
    closing.close();
    assert.equal(closing.hash, hash);
    assert.equal(closing.joint('hip').dofAddress, 1);
    assert.throws(() => closing.field('geom_friction'), ClosedError);
  });
});
