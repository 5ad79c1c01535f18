import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ArgumentError, ModelError } from '../../src/base/errors.js';
import { scanMjcf } from '../../src/native/mjcf-scan.js';
import { takeMujocoWarnings } from '../../src/native/mujoco-addon.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { ballXml, legXml, richAssets, richXml } from './mujoco-models.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-loading-'));
after(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string | Uint8Array) => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const world = (inner: string, before = '') => `<mujoco>${before}<worldbody>${inner}</worldbody></mujoco>`;
const refused = (message: RegExp) => (error: Error) => {
  assert.ok(error instanceof ModelError, `${error}`);
  assert.match(error.message, message);
  return true;
};

describe('loading a MuJoCo model', () => {
  it('finds included files in the directory and among the assets, nested ones too', () => {
    write(
      'one/part.xml',
      '<mujocoinclude><body><joint/><geom size=".1"/></body><include file="deep/more.xml"/></mujocoinclude>',
    );
    write('one/deep/more.xml', '<mujocoinclude><body><freejoint/><geom type="mesh" mesh="m"/></body></mujocoinclude>');
    write('one/t.obj', richAssets['t.obj']);
    const xml = world('<include file="part.xml"/>', '<asset><mesh name="m" file="t.obj"/></asset>');
    const fromText = MujocoModel.fromXml(xml, { directory: join(folder, 'one') });
    assert.equal(fromText.sizes['nq'], 8);
    assert.equal(MujocoModel.fromFile(write('one/main.xml', xml)).hash, fromText.hash);
    const part = '<mujocoinclude><body><joint/><geom size=".1"/></body></mujocoinclude>';
    const assets = { 'part.xml': part, 't.obj': richAssets['t.obj'] };
    assert.equal(MujocoModel.fromXml(xml, { assets, directory: join(folder, 'one') }).sizes['nq'], 1);
    assert.throws(() => MujocoModel.fromXml(xml, { directory: folder }), refused(/part\.xml/));
  });

  it('refuses sizes that would end the process, wherever they are written', () => {
    const cases: [string, RegExp][] = [
      [world('', '<asset><hfield name="h" nrow="100000" ncol="100000" size="1 1 1 1"/></asset>'), /hfield.*37/],
      [
        world('', '<asset><texture name="t" builtin="flat" type="2d" width="60000" height="60000"/></asset>'),
        /texture/,
      ],
      [world('', '<asset><mesh name="m" builtin="plate" params="30000 30000"/></asset>'), /mesh/],
      [world('<flexcomp name="f" type="grid" count="10000 10000 1000" spacing="1 1 1"/>'), /flexcomp/],
      [world(`${'<replicate count="1000">'.repeat(3)}<geom size="1"/>${'</replicate>'.repeat(3)}`), /replicate/],
      [world('<geom size="1"/>', '<size nuserdata="2000000000"/>'), /nuserdata/],
      [world('<geom size="1"/>', '<size nkey="2000000000"/>'), /nkey/],
      [world('<geom size="1"/>', "<!-- > --><size nuser_body = '&#50;000000000' />"), /nuser_body/],
    ];
    for (const [i, [xml, message]] of cases.entries()) {
      assert.throws(() => MujocoModel.fromXml(xml), refused(message));
      const inner = `<mujocoinclude>${xml.slice('<mujoco>'.length, -'</mujoco>'.length)}</mujocoinclude>`;
      write(`bad${i}.xml`, inner);
      const main = `<mujoco><include file="bad${i}.xml"/></mujoco>`;
      assert.throws(() => MujocoModel.fromFile(write(`main${i}.xml`, main)), refused(message));
      assert.throws(() => MujocoModel.fromXml(main, { assets: { [`bad${i}.xml`]: inner } }), refused(message));
    }
    // A replicate around an include multiplies what is in it; one that has ended does not.
    write('many.xml', '<mujocoinclude><replicate count="1000"><geom size="1"/></replicate></mujocoinclude>');
    const around = world('<replicate count="2000"><include file="many.xml"/></replicate>');
    assert.throws(() => MujocoModel.fromXml(around, { directory: folder }), refused(/2000000 copies/));
    const nothing = () => undefined;
    scanMjcf(
      '<replicate count="1000"/><replicate count="2000"><b/></replicate><replicate count="2000"/>',
      'x',
      nothing,
    );
    for (const odd of [
      '<',
      '<a',
      '<!--',
      '<a b="',
      '</',
      '<a b=">"/><hfield nrow="x"',
      '<?xml',
      '<![CDATA[<size nkey="9e9"/>]]>',
    ])
      assert.equal(scanMjcf(odd, 'x', nothing).included.size, 0);
  });

  it('says why a compiled model, a device, a folder or no XML is not loaded', () => {
    const mjb = write('x.mjb', Buffer.from([1, 2, 3, 4, 255, 254]));
    assert.throws(() => MujocoModel.fromFile(mjb), refused(/\.mjb.*mj_saveLastXML/));
    assert.throws(() => MujocoModel.fromFile(write('x.xml', 'text')), refused(/is no XML/));
    assert.throws(() => MujocoModel.fromXml('<mujoco>\0</mujoco>'), ArgumentError);
    assert.throws(() => MujocoModel.fromFile('a\0b'), ArgumentError);
  });

  it('reads no pipe and no device', { skip: process.platform === 'win32' && 'no named pipes in folders' }, () => {
    const pipe = join(folder, 'pipe.xml');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    for (const file of [pipe, '/dev/zero']) {
      assert.throws(() => MujocoModel.fromFile(file), refused(/no ordinary file/));
      assert.throws(
        () => MujocoModel.fromXml(`<mujoco><include file="${file}"/></mujoco>`),
        refused(/no ordinary file/),
      );
    }
  });

  it('takes assets as text and names what else they are', () => {
    const model = MujocoModel.fromXml(richXml, { assets: richAssets });
    assert.deepEqual(model.names('texture'), ['sky', 'tiles']);
    assert.deepEqual(model.names('hfield'), ['hills']);
    assert.deepEqual(model.names('flex'), ['cloth']);
    assert.deepEqual(model.names('text'), ['hello']);
    assert.equal(model.names('exclude').length, 1);
    assert.equal(model.names('pair').length, 1);
    assert.throws(() => MujocoModel.fromXml(richXml, { assets: { 't.obj': [1] as never } }), /assets\["t\.obj"\]/);
  });

  it('keeps what MuJoCo says about a model that it accepts', () => {
    takeMujocoWarnings();
    const old = MujocoModel.fromXml(ballXml.replace('<mujoco>', '<mujoco><compiler settotalmass="2"/>'));
    assert.match(old.warnings, /settotalmass/);
    assert.equal(MujocoModel.fromXml(ballXml).warnings, '');
    assert.deepEqual(takeMujocoWarnings(), []);
  });

  it('stores constraint Jacobians as it is told', () => {
    const field = (model: MujocoModel) => model.field('opt.jacobian')[0];
    assert.equal(field(MujocoModel.fromXml(ballXml)), 2);
    assert.equal(field(MujocoModel.fromXml(ballXml, { jacobian: 'dense' })), 0);
    assert.equal(field(MujocoModel.fromXml(legXml, { jacobian: 'auto' })), 2);
    assert.equal(field(MujocoModel.fromFile(write('ball.xml', ballXml), { jacobian: 'sparse' })), 1);
    assert.throws(() => MujocoModel.fromXml(ballXml, { jacobian: 'thick' as 'dense' }), /dense, sparse, auto/);
  });

  it('loads the plugins that come with MuJoCo, and saves their state with the rest', () => {
    const xml = `<mujoco><option timestep="0.005"/>
      <extension><plugin plugin="mujoco.pid"><instance name="pid">
        <config key="kp" value="40"/><config key="ki" value="40"/><config key="kd" value="4"/>
        <config key="slewmax" value="3"/><config key="imax" value="5"/></instance></plugin>
        <plugin plugin="mujoco.sensor.touch_grid"/></extension>
      <worldbody><geom type="plane" size="1 1 .1"/><body pos="0 0 .1"><joint name="j" axis="0 1 0"/><joint type="slide" axis="0 0 1"/>
        <geom size=".1" pos=".1 0 0"/><site name="s" pos="0 0 -.1"/></body></worldbody>
      <sensor><plugin name="grid" plugin="mujoco.sensor.touch_grid" objtype="site" objname="s">
        <config key="size" value="3 3"/><config key="fov" value="90 90"/><config key="gamma" value="0"/><config key="nchannel" value="1"/>
      </plugin></sensor>
      <actuator><plugin joint="j" plugin="mujoco.pid" instance="pid" actdim="2"/></actuator></mujoco>`;
    const model = MujocoModel.fromXml(xml);
    assert.equal(MujocoModel.fromXml(xml).hash, model.hash);
    const batch = new MujocoBatch(model, { slots: 3, threads: 2 });
    const drive = (time: number) =>
      batch.setControls([0, 1, 2].map((slot) => (slot === 1 ? -1 : Math.sin(0.1 * time))));
    for (let time = 0; time < 50; time++) {
      drive(time);
      batch.step(2);
    }
    batch.restore(batch.save({ slots: [0] }), { slots: [2], stage: 'none' });
    for (let time = 50; time < 100; time++) {
      drive(time);
      batch.step(2);
    }
    assert.deepEqual(batch.save({ slots: [2] }), batch.save({ slots: [0] }));
    assert.notDeepEqual(batch.save({ slots: [1] }), batch.save({ slots: [0] }));
    batch.close();
    const unknown = xml.replaceAll('mujoco.pid', 'mujoco.pod');
    assert.throws(() => MujocoModel.fromXml(unknown), refused(/mujoco\.pid.*MUJOCO_PLUGIN_DIR/s));
    assert.throws(() => MujocoModel.fromXml(xml, { plugins: join(folder, 'none') }), refused(/no folder of plugins/));
    assert.throws(() => MujocoModel.fromXml(xml, { plugins: 3 as never }), ArgumentError);
  });
});
