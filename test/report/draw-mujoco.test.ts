import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { swimmer } from '../../envs/mujoco/swimmer.js';
import { walker } from '../../envs/mujoco/walker.js';
import { defineMujocoEnv } from '../../src/env/define-mujoco-env.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { drawFrame } from '../../src/report/draw-frame.js';
import { convexHull } from '../../src/report/outline.js';
import { Raster } from '../../src/report/raster.js';
import { randomActor, recordShapes } from '../../src/report/record-episode.js';
import { pointsOf, poseOffsets, type ShapeRecording } from '../../src/report/recording.js';
import { replayPage } from '../../src/report/replay-page.js';

/** A model as an environment without controls, and a short recording of it. */
async function record(worldbody: string, rest = '', seconds = 0.02, persistent = false): Promise<ShapeRecording> {
  const xml = `<mujoco>${rest}<worldbody>${worldbody}</worldbody></mujoco>`;
  const model = MujocoModel.fromXml(xml);
  const env = defineMujocoEnv({
    id: 'drawn',
    model: { xml },
    persistent,
    actuators: model.sizes.nu!,
    secondsPerStep: 0.002,
    observation: 1,
    maxEpisodeSteps: 1000,
    functions: () => ({ observe() {}, reward() {} }),
  });
  return recordShapes(env, randomActor(env, 0), { title: 'drawn', seconds, seed: 0 });
}

/** Points of a shape in a frame: x and y of each. */
function pointsAt({ shapes, poses }: ShapeRecording, shape: number, frame = 0): number[][] {
  const offsets = poseOffsets(shapes);
  const at = frame * offsets.at(-1)! + offsets[shape];
  return Array.from({ length: pointsOf(shapes[shape]) }, (_, i) => [poses[at + 2 * i], poses[at + 2 * i + 1]]);
}

const near = (a: readonly number[], b: readonly number[]) => a.every((value, i) => Math.abs(value - b[i]) < 1e-5);

/** Pixels of a colour in the first frame. */
function pixels(recording: ShapeRecording, [r, g, b]: readonly number[]): number {
  const raster = new Raster(320, 180);
  const found = drawFrame(raster, recording, 0);
  let count = 0;
  for (let i = 0; i < found.length; i += 4) if (found[i] === r && found[i + 1] === g && found[i + 2] === b) count++;
  return count;
}

const tetra = '<asset><mesh name="m" vertex="0 0 0 .4 0 0 0 .4 0 0 0 .4"/></asset>';
const hills = (nrow: number, ncol: number, height: (r: number, c: number) => number) => {
  const all = Array.from({ length: nrow * ncol }, (_, i) => height(Math.floor(i / ncol), i % ncol));
  return `<asset><hfield name="h" nrow="${nrow}" ncol="${ncol}" size="2 1 0.5 0.1" elevation="${all.join(' ')}"/></asset>`;
};

describe('drawings of MuJoCo models', () => {
  it('show a mesh by its outline, where it is', async () => {
    const recording = await record('<body pos="0.2 0 1"><freejoint/><geom type="mesh" mesh="m"/></body>', tetra);
    assert.deepEqual(
      recording.shapes.map(({ kind }) => kind),
      ['hull'],
    );
    const hull = convexHull(pointsAt(recording, 0).flat());
    for (const corner of [
      [0.2, 1],
      [0.6, 1],
      [0.2, 1.4],
    ]) {
      assert.ok(
        hull.some((_, i) => i % 2 === 0 && near([hull[i], hull[i + 1]], corner)),
        `${corner} of ${hull}`,
      );
    }
    assert.equal(hull.length, 6);
    assert.ok(pixels(recording, recording.shapes[0].color) > 100);
  });

  it('draw boxes, cylinders and ellipsoids as they are turned', async () => {
    const recording = await record(`
      <body pos="0 0 1" euler="0 0 90"><geom type="box" size="0.3 0.1 0.2"/></body>
      <body pos="1 0 1" euler="90 0 0"><geom type="cylinder" size="0.2 0.1"/></body>
      <body pos="2 0 1"><geom type="ellipsoid" size="0.3 0.1 0.2"/></body>`);
    const size = (shape: number, axis: 0 | 1) => {
      const values = pointsAt(recording, shape).map((point) => point[axis]);
      return Math.max(...values) - Math.min(...values);
    };
    assert.ok(near([size(0, 0), size(0, 1)], [0.2, 0.4]), 'its short side, seen after a quarter turn');
    assert.ok(near([size(1, 0), size(1, 1)], [0.4, 0.4]), 'a disc, seen along its axis');
    assert.ok(near([size(2, 0), size(2, 1)], [0.6, 0.4]));
  });

  it('show a height field: its profile from the side, its surface from above', async () => {
    const rest = hills(7, 9, (r, c) => (c === 4 ? (r === 2 ? 1 : 0.5) : 0));
    const side = await record(
      '<geom type="hfield" hfield="h"/><body pos="0 0 1"><freejoint/><geom size=".1"/></body>',
      rest,
    );
    assert.deepEqual(
      side.shapes.map(({ kind }) => kind),
      ['surface', 'bar'],
    );
    const heights = pointsAt(side, 0).filter((_, i) => i % 2 === 0);
    assert.deepEqual(
      heights.map(([, y]) => Math.round(1000 * y!) / 1000),
      [0, 0, 0, 0, 0.5, 0, 0, 0, 0],
    );
    assert.ok(near([heights[0][0], heights[8][0]], [-2, 2]));
    assert.ok(pixels(side, side.shapes[0].color) > 500);
    const above = await record(
      '<geom type="hfield" hfield="h"/><body pos="0 0 1"><joint axis="0 0 1"/><geom size=".1"/></body>',
      rest,
    );
    const [surface] = above.shapes;
    assert.ok(surface!.kind === 'surface' && surface.points === 63 && surface.faces.length === 3 * 2 * 6 * 8);
    const large = await record(
      '<geom type="hfield" hfield="h"/><body><joint axis="0 0 1"/><geom size=".1"/></body>',
      hills(200, 300, (_, c) => c / 299),
    );
    assert.ok(pointsOf(large.shapes[0]) <= 28 * 28);
  });

  it('show tendons along their path, around what they wrap, broken at a pulley', async () => {
    const rest = `<tendon>
      <spatial name="straight" width="0.02" rgba="1 0 0 1"><site site="a"/><site site="b"/></spatial>
      <spatial name="wrapped" rgba="0 0 1 1"><site site="a"/><geom geom="post" sidesite="a"/><site site="c"/></spatial>
      <spatial name="pulled"><site site="a"/><site site="b"/><pulley divisor="2"/><site site="c"/><site site="d"/></spatial>
      <fixed name="fixed"><joint joint="j" coef="1"/></fixed></tendon>`;
    const recording = await record(
      `<site name="b" pos="1 0 1"/><geom name="post" size="0.2" pos="0.5 0 1"/><site name="c" pos="1 0 0.9"/><site name="d" pos="1 0 2"/>
      <body pos="0 0 1"><joint name="j" type="slide" axis="0 0 1" damping="1e6"/><geom size="0.05"/><site name="a"/></body>`,
      rest,
    );
    const bars = recording.shapes.map((shape, i) => ({ shape, ends: pointsAt(recording, i) }));
    const red = bars.filter(({ shape }) => shape.color.join() === '255,0,0');
    assert.ok(red.every(({ shape }) => shape.kind === 'bar' && shape.radius === 0.02));
    assert.ok(near(red[0].ends.flat(), [0, 1, 1, 1]));
    const blue = bars.filter(({ shape }) => shape.color.join() === '0,0,255').map(({ ends }) => ends);
    assert.ok(near(blue[0][0], [0, 1]) && near(blue.at(-1)![1], [1, 0.9]));
    const bend = blue.flat().filter(([x]) => x! > 0.01 && x! < 0.99);
    assert.ok(bend.length > 0 && bend.every(([x, y]) => Math.abs(Math.hypot(x! - 0.5, y! - 1) - 0.2) < 1e-4));
    const jumps = bars
      .map(({ ends }) => ends.flat())
      .filter(([x0, y0, x1, y1]) => near([x0!, y0!, x1!, y1!], [1, 1, 1, 0.9]));
    assert.deepEqual(jumps, [], 'nothing from the end of one half to the begin of the other');
  });

  it('show flexible bodies, with fewer triangles where they have very many', async () => {
    const cloth = (count: number) =>
      `<flexcomp name="f" type="grid" dim="2" count="${count} ${count} 1" spacing="${1 / count} ${1 / count} 1" pos="0 0 1" euler="90 0 0" mass="1"
        radius="0.001" rgba="1 1 0 1"><contact selfcollide="none" contype="0" conaffinity="0"/></flexcomp>`;
    const few = await record(cloth(4));
    const surface = few.shapes.find(({ kind }) => kind === 'surface')!;
    assert.ok(surface.kind === 'surface' && surface.points === 16 && surface.faces.length === 3 * 18);
    assert.ok(
      pixels(few, surface.color) +
        pixels(
          few,
          surface.color.map((c) => c * 0.75),
        ) >
        100,
    );
    const many = await record(cloth(40), '', 0.004);
    const simple = many.shapes.find(({ kind }) => kind === 'surface')!;
    assert.ok(simple.kind === 'surface' && simple.faces.length <= 1500 && simple.faces.length > 150);
    const widths = pointsAt(many, many.shapes.indexOf(simple)).map(([x]) => x!);
    assert.ok(Math.max(...widths) - Math.min(...widths) > 0.85, 'as wide as the cloth');
    const cable = await record(
      '<flexcomp name="f" type="grid" dim="1" count="5 1 1" spacing="0.1 1 1" pos="0 0 1" mass="1" radius="0.01"><contact selfcollide="none"/></flexcomp>',
    );
    assert.equal(cable.shapes.filter(({ kind }) => kind === 'bar').length, 4);
  });

  it('leave out collision shapes where there are others, and take colours of materials', async () => {
    const geoms = '<geom size=".1" group="3"/><geom type="box" size=".1 .1 .1" material="red"/>';
    const rest = '<asset><material name="red" rgba="1 0 0 1"/></asset>';
    const both = await record(`<body pos="0 0 1"><freejoint/>${geoms}</body>`, rest);
    assert.deepEqual(
      both.shapes.map(({ kind, color }) => [kind, ...color]),
      [['hull', 255, 0, 0]],
    );
    const only = await record('<body pos="0 0 1"><freejoint/><geom size=".1" group="3"/></body>');
    assert.equal(only.shapes.length, 1);
  });

  it('follow models that sleep', async () => {
    const body = '<body pos="0 0 1"><freejoint/><geom size="0.1"/></body>';
    const sleeping = await record(body, '<option><flag sleep="enable"/></option>', 0.1, true);
    const awake = await record(body, '', 0.1);
    assert.deepEqual(sleeping.poses, awake.poses);
    assert.ok(pointsAt(awake, 0, 49)[0][1] < 0.96);
  });

  it('refuse a model with nothing in it to draw', async () => {
    await assert.rejects(record('<geom type="plane" size="1 1 1"/>'), {
      code: 'ERR_ARGUMENT',
      message: /nothing to draw/,
    });
  });

  it('show models of any size, and the robots of the paper as ever', async () => {
    const tiny = await record('<body pos="0 0 0.05"><freejoint/><geom size="0.01"/></body>');
    assert.ok(tiny.view[1] - tiny.view[0] < 0.1 && tiny.view[0] < 0.04 && tiny.view[1] > 0.06);
    assert.ok(pixels(tiny, tiny.shapes[0].color) > 100);
    const huge = await record(
      '<body pos="0 0 50"><freejoint/><geom type="capsule" size="1" fromto="0 0 0 40 0 0"/></body>',
    );
    assert.ok(huge.view[1] > 51 && pixels(huge, huge.shapes[0].color) > 100);
    for (const [env, view] of [
      [walker(), [-0.35, 2.25]],
      [swimmer(), [-2.6, 2.6]],
    ] as const) {
      const recording = await recordShapes(env, randomActor(env, 0), { title: '', seconds: 0.1, seed: 0 });
      assert.deepEqual(recording.view, view);
      assert.ok(recording.shapes.every(({ kind }) => kind === 'bar'));
    }
  });

  it('put all of it into a page', async () => {
    const recording = await record('<body pos="0 0 1"><freejoint/><geom type="mesh" mesh="m"/></body>', tetra);
    assert.match(replayPage(recording), /"kind":"hull","points":4/);
  });

  it('refuse options that nobody reads, or that never end', async () => {
    const env = walker();
    const options = { title: '', seconds: 0.1, seed: 0 };
    for (const [changes, code] of [
      [{ episode: 3 }, 'ERR_NOT_FOUND'],
      [{ seconds: Infinity }, 'ERR_ARGUMENT'],
      [{ seconds: '3' }, 'ERR_ARGUMENT'],
      [{ seed: -1 }, 'ERR_ARGUMENT'],
      [{ title: undefined }, 'ERR_ARGUMENT'],
    ] as const) {
      await assert.rejects(recordShapes(env, randomActor(env, 0), { ...options, ...changes } as never), { code });
    }
  });
});

describe('convex polygons', () => {
  it('cover their area in either direction', () => {
    for (const corners of [
      [20, 20, 80, 30, 70, 70, 30, 60],
      [30, 60, 70, 70, 80, 30, 20, 20],
    ]) {
      const raster = new Raster(120, 80);
      raster.clear([0, 0, 0]);
      raster.polygon(corners, [255, 255, 255]);
      let sum = 0;
      for (let i = 0; i < raster.pixels.length; i += 4) sum += raster.pixels[i] / 255;
      assert.ok(Math.abs(sum / 2000 - 1) < 0.02, `${sum}`);
    }
  });

  it('are what is around points, whatever lies within or twice', () => {
    assert.deepEqual(convexHull([0, 0, 1, 0, 1, 1, 0, 1, 0.5, 0.5, 0, 0, 0.5, 0]), [0, 0, 1, 0, 1, 1, 0, 1]);
    assert.deepEqual(convexHull([0, 0, 2, 2, 1, 1]), [0, 0, 2, 2]);
    assert.deepEqual(convexHull([3, 4]), [3, 4]);
  });
});
