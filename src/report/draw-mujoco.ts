import { ArgumentError } from '../base/errors.js';
import type { Drawer, VectorEnv } from '../env/types.js';
import { MujocoBatch } from '../native/mujoco-batch.js';
import type { MujocoModel } from '../native/mujoco-model.js';
import { heightFieldParts } from './mujoco-fields.js';
import { geomParts, type Part, type Scene, shownGeoms } from './mujoco-geoms.js';
import { flexParts, tendonParts } from './mujoco-soft.js';
import { poseOffsets } from './recording.js';

/** Height shown of models of the size of the paper's robots, from bottom to top, metres. */
const VIEWS = { side: [-0.35, 2.25], above: [-2.6, 2.6] } as const;
/** A model that fills less than this share of it is shown larger. */
const SMALL = 0.25;
/** Pictures are about so much wider than high. */
const ASPECT = 1.6;

/** Outputs that parts read, filled before these are made: flexible bodies are simplified as they are at rest. */
const PLACES = ['flexvert_xpos', 'ten_wrapadr', 'ten_wrapnum', 'wrap_obj', 'wrap_xpos'];

/** The drawer of a model: geoms, meshes by their outline, height fields, flexible bodies and tendons. */
export function mujocoDrawer(model: MujocoModel): Drawer {
  const batch = new MujocoBatch(model, { slots: 1, threads: 1, persistent: sleeps(model) });
  try {
    return drawerOver(model, batch);
  } catch (error) {
    batch.close();
    throw error;
  }
}

function drawerOver(model: MujocoModel, batch: MujocoBatch): Drawer {
  const above = seenFromAbove(model);
  const [positions, turns] = [batch.output('geom_xpos'), batch.output('geom_xmat')];
  const scene: Scene = { model, up: above ? 1 : 2, positions, turns };
  for (const name of PLACES) if (batch.size(name) > 0) batch.output(name);
  batch.reset({ stage: 'position' });
  const parts = [
    ...heightFieldParts(scene),
    ...geomParts(scene, shownGeoms(model)),
    ...flexParts(scene, batch),
    ...tendonParts(scene, batch),
  ];
  if (parts.length === 0) {
    throw new ArgumentError('the model has nothing to draw', {
      value: model.names('geom').map((_, id) => model.geom(id).type),
      expected: 'a geom other than a plane, a height field, a flex or a spatial tendon',
    });
  }
  const shapes = parts.map(({ shape }) => shape);
  const offsets = poseOffsets(shapes);
  const followed = parts.filter(({ follow }) => follow !== undefined);
  const write = (out: Float32Array, at: number) => parts.forEach((part, i) => void part.write(out, at + offsets[i]));
  const rest = new Float32Array(offsets.at(-1)!);
  write(rest, 0);
  const seen = parts.map((part, i) => ({ part, points: rest.subarray(offsets[i], offsets[i + 1]) }));
  const shown = followed.length > 0 ? seen.filter(({ part }) => part.follow !== undefined) : seen;
  const follow = sleeps(model) ? followPositions(batch) : followStates(batch);
  const planes = model.names('geom').some((_, id) => model.geom(id).type === 'plane');
  return {
    shapes,
    view: viewOf(above ? VIEWS.above : VIEWS.side, extent(shown, 0), extent(shown, 1)),
    ground: !above && planes ? 0 : null,
    pose(env, out, at) {
      follow(env);
      write(out, at);
      let focus = 0;
      for (const part of followed) focus += part.follow!() / followed.length;
      return focus;
    },
    close: () => batch.close(),
  };
}

/** Least and largest coordinate of parts along an axis of the picture, their thickness included. */
function extent(parts: readonly { part: Part; points: Float32Array }[], axis: 0 | 1): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { part, points } of parts) {
    const grow = part.shape.kind === 'bar' ? part.shape.radius : 0;
    for (let i = axis; i < points.length; i += 2) {
      low = Math.min(low, points[i] - grow);
      high = Math.max(high, points[i] + grow);
    }
  }
  return [low, high];
}

/** The usual view where the model fits in it and is not lost in it; else one of its size, with room to move. */
function viewOf(
  usual: readonly [number, number],
  [left, right]: [number, number],
  [low, high]: [number, number],
): readonly [number, number] {
  const size = Math.max((right - left) / ASPECT, high - low, 1e-3);
  const height = usual[1] - usual[0];
  if (low >= usual[0] && high <= usual[1] && size >= SMALL * height && size <= 1.2 * height) return usual;
  return [low - 0.35 * size, low + 1.35 * size];
}

/** Puts slot 0's whole state into the batch. */
function followStates(batch: MujocoBatch): (env: VectorEnv) => void {
  return (env) => {
    batch.restore(env.snapshot([0]).parts.state as Float64Array, { stage: 'position' });
  };
}

/** The same with its positions only, for models whose states cannot be saved whole; mocap bodies stay where they are. */
function followPositions(batch: MujocoBatch): (env: VectorEnv) => void {
  const { array, offset, size } = batch.state('qpos');
  return (env) => {
    array.set(env.readState!(0).subarray(0, size), offset);
    batch.forward({ stage: 'position' });
  };
}

/** Whether bodies fall asleep: MuJoCo keeps which outside of the state, in working memory of each slot. */
function sleeps(model: MujocoModel): boolean {
  return (Number(model.field('opt.enableflags')[0]) & ENABLE_SLEEP) !== 0;
}

/** mjENBL_SLEEP */
const ENABLE_SLEEP = 1 << 4;

/** Whether the hinges are vertical rather than across the side view. */
export function seenFromAbove(model: MujocoModel): boolean {
  const axes = model.field('jnt_axis');
  let across = 0;
  let vertical = 0;
  model.names('joint').forEach((_, id) => {
    if (model.joint(id).type !== 'hinge') return;
    across += Math.abs(axes[3 * id + 1]);
    vertical += Math.abs(axes[3 * id + 2]);
  });
  return vertical > across;
}
