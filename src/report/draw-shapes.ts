import { ArgumentError } from '../base/errors.js';
import { isMujocoEnv } from '../env/define-mujoco-env.js';
import type { EnvFactory, Snapshot } from '../env/types.js';
import { MujocoBatch } from '../native/mujoco-batch.js';
import type { MujocoGeom, MujocoModel } from '../native/mujoco-model.js';
import type { Shape, ShapeRecording } from './recording.js';

/** Turns states of one environment into shapes. */
export interface Drawer {
  readonly shapes: readonly Shape[];
  readonly view: ShapeRecording['view'];
  readonly ground: number | null;
  /** Writes the ends of all shapes for slot 0 of a snapshot to out[at …]. @returns x to look at */
  pose(snapshot: Snapshot, out: Float32Array, at: number): number;
  close(): void;
}

/** Whether `makeDrawer` knows the environment. */
export function canDraw(env: EnvFactory): boolean {
  return isMujocoEnv(env) || env.spec.id === 'cartpole';
}

/**
 * The drawer of an environment: any MuJoCo model (seen from the side, or from above where its hinges are vertical), and
 * the cart-pole.
 * @throws ArgumentError for an environment without a body to draw
 */
export function makeDrawer(env: EnvFactory): Drawer {
  if (isMujocoEnv(env)) return mujocoDrawer(env.model());
  if (env.spec.id === 'cartpole') return cartpoleDrawer();
  throw new ArgumentError(`"${env.spec.id}" has nothing to draw`, {
    value: env.spec.id,
    expected: 'an environment on a MuJoCo model, the cart-pole, or a game',
  });
}

/** Geoms that are drawn: all but the ground and what has no simple outline. */
const DRAWN: readonly MujocoGeom['type'][] = ['sphere', 'capsule', 'cylinder', 'ellipsoid', 'box'];

function mujocoDrawer(model: MujocoModel): Drawer {
  const batch = new MujocoBatch(model, { slots: 1, threads: 1 });
  const positions = batch.output('geom_xpos');
  const turns = batch.output('geom_xmat');
  const colors = model.field('geom_rgba');
  const geoms = model.names('geom').map((_, id) => model.geom(id));
  const drawn = geoms.filter(({ type }) => DRAWN.includes(type));
  const above = seenFromAbove(model);
  const up = above ? 1 : 2;
  const bars = drawn.map((geom) => ({ id: geom.id, ...bar(geom) }));
  const shapes = bars.map(({ id, radius, cap }): Shape => {
    const color = [0, 1, 2].map((i) => Math.round(255 * Number(colors[4 * id + i])));
    return { radius, cap, color: [color[0]!, color[1]!, color[2]!] };
  });
  return {
    shapes,
    view: above ? [-2.6, 2.6] : [-0.35, 2.25],
    ground: !above && geoms.some(({ type }) => type === 'plane') ? 0 : null,
    pose(snapshot, out, at) {
      batch.restore((snapshot.parts.state as Float64Array).subarray(0, batch.stateSize), { stage: 'position' });
      let focus = 0;
      bars.forEach(({ id, axis, half }, i) => {
        const x = positions[3 * id]!;
        const y = positions[3 * id + up]!;
        const dx = half * turns[9 * id + axis]!;
        const dy = half * turns[9 * id + 3 * up + axis]!;
        out.set([x - dx, y - dy, x + dx, y + dy], at + 4 * i);
        focus += x / bars.length;
      });
      return focus;
    },
    close: () => batch.close(),
  };
}

/** The local axis (0 … 2) along which a geom is drawn, half its length there without caps, and half its thickness. */
function bar({ type, size }: MujocoGeom): { axis: number; half: number; radius: number; cap: Shape['cap'] } {
  if (type === 'sphere') return { axis: 2, half: 0, radius: size[0], cap: 'round' };
  if (type === 'capsule') return { axis: 2, half: size[1], radius: size[0], cap: 'round' };
  if (type === 'cylinder') return { axis: 2, half: size[1], radius: size[0], cap: 'flat' };
  const longest = Math.max(...size);
  const radius = Math.min(...size);
  const axis = size.indexOf(longest);
  return type === 'box'
    ? { axis, half: longest, radius, cap: 'flat' }
    : { axis, half: longest - radius, radius, cap: 'round' };
}

/** Whether the hinges are vertical rather than across the side view. */
function seenFromAbove(model: MujocoModel): boolean {
  const axes = model.field('jnt_axis');
  let across = 0;
  let vertical = 0;
  model.names('joint').forEach((_, id) => {
    if (model.joint(id).type !== 'hinge') return;
    across += Math.abs(axes[3 * id + 1]!);
    vertical += Math.abs(axes[3 * id + 2]!);
  });
  return vertical > across;
}

/** Cart 0.5 m × 0.3 m, wheels, and the pole in its length of 1 m. State: x, velocity, angle, angular velocity. */
function cartpoleDrawer(): Drawer {
  const cart = [70, 110, 160] as const;
  const wheel = [60, 60, 60] as const;
  const height = 0.3;
  return {
    shapes: [
      { radius: 0.08, cap: 'round', color: wheel },
      { radius: 0.08, cap: 'round', color: wheel },
      { radius: 0.13, cap: 'flat', color: cart },
      { radius: 0.04, cap: 'round', color: [200, 120, 60] },
      { radius: 0.05, cap: 'round', color: wheel },
    ],
    view: [-0.4, 2],
    ground: 0,
    pose(snapshot, out, at) {
      const [x, , angle] = snapshot.parts.state as Float64Array as unknown as [number, number, number, number];
      const tip = [x + Math.sin(angle), height + Math.cos(angle)] as const;
      const wheels = [x - 0.15, 0.08, x - 0.15, 0.08, x + 0.15, 0.08, x + 0.15, 0.08];
      out.set([...wheels, x - 0.25, 0.25, x + 0.25, 0.25, x, height, ...tip, x, height, x, height], at);
      return 0;
    },
    close() {},
  };
}
