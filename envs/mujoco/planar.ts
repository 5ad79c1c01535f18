import type { MujocoModel } from '../../src/index.js';

// 1 / n! with alternating signs.
const [S3, S5, S7, S9] = [-1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const [S11, S13, S15] = [-1 / 39916800, 1 / 6227020800, -1 / 1307674368000];
const [C4, C6, C8, C10] = [1 / 24, -1 / 720, 1 / 40320, -1 / 3628800];
const [C12, C14, C16] = [1 / 479001600, -1 / 87178291200, 1 / 20922789888000];
/** π/2 in two parts: the first with so few bits that small multiples of it are exact. */
const HALF_PI_HIGH = Math.fround(Math.PI / 2);
const HALF_PI_LOW = 6.123233995736766e-17 + (Math.PI / 2 - HALF_PI_HIGH);

/**
 * The outline of a robot that moves in the xz plane, from its joint angles. The root body has slide joints x and z and a
 * hinge about y (the first three coordinates); every other body hangs on its parent by one hinge about ±y at its frame's
 * origin. Angles turn from z to x; lengths in m, angles in rad.
 */
export class PlanarShape {
  /** Parents before children: direction of the joint (1 turns the way the pitch does), the frame's origin in the parent. */
  private readonly bodies: readonly { parent: number; sign: number; x: number; z: number }[];
  private readonly capsules: readonly Capsule[];

  constructor(model: MujocoModel) {
    const field = (name: string) => Array.from(model.field(name), Number);
    const [parents, joints, axes] = [field('body_parentid'), field('body_jntadr'), field('jnt_axis')];
    const origins = field('body_pos');
    this.bodies = parents.slice(1).map((parent, b) => ({
      parent: parent - 1,
      sign: b === 0 ? 1 : axes[3 * joints[b + 1] + 1],
      x: origins[3 * (b + 1)],
      z: origins[3 * (b + 1) + 2],
    }));
    this.capsules = readCapsules(model);
  }

  /** Height of the lowest point of the robot; negative: below the ground. */
  lowest(qpos: Float64Array): number {
    const poses: { z: number; pitch: number; sin: number; cos: number }[] = [];
    for (const [b, { parent, sign, x, z }] of this.bodies.entries()) {
      const from = poses[parent];
      const height = from === undefined ? qpos[1] : from.z + (z * from.cos - x * from.sin);
      const pitch = from === undefined ? qpos[2] : from.pitch + sign * qpos[2 + b];
      poses.push({ z: height, pitch, ...sineCosine(pitch) });
    }
    let lowest = Infinity;
    for (const { body, ends, radius } of this.capsules) {
      const { z: height, sin, cos } = poses[body];
      for (const [x, z] of ends) lowest = Math.min(lowest, height + z * cos - x * sin - radius);
    }
    return lowest;
  }
}

/**
 * Sine and cosine together by their series, on (-π/4, π/4) after removing quarter turns: both to 1e-16, and the same
 * bits everywhere.
 */
function sineCosine(angle: number): { sin: number; cos: number } {
  const quarters = Math.round(angle * (2 / Math.PI));
  const y = angle - quarters * HALF_PI_HIGH - quarters * HALF_PI_LOW;
  const y2 = y * y;
  const y4 = y2 * y2;
  const y8 = y4 * y4;
  let sin = y + y * y2 * (S3 + y2 * S5 + y4 * (S7 + y2 * S9) + y8 * (S11 + y2 * S13 + y4 * S15));
  let cos = 1 - y2 * 0.5 + y4 * (C4 + y2 * C6 + y4 * (C8 + y2 * C10) + y8 * (C12 + y2 * C14 + y4 * C16));
  if ((quarters & 1) !== 0) [sin, cos] = [cos, -sin];
  if ((quarters & 2) !== 0) [sin, cos] = [-sin, -cos];
  return { sin, cos };
}

interface Capsule {
  readonly body: number;
  /** Centres of the two end spheres in the body's frame: (x, z). */
  readonly ends: readonly (readonly [number, number])[];
  readonly radius: number;
}

function readCapsules(model: MujocoModel): Capsule[] {
  const bodies = model.field('geom_bodyid');
  const positions = model.field('geom_pos');
  const turns = model.field('geom_quat');
  const sizes = model.field('geom_size');
  const capsules: Capsule[] = [];
  for (let geom = 0; geom < bodies.length; geom++) {
    if (Number(bodies[geom]) === 0) continue;
    const [w, x, y, z] = Array.from({ length: 4 }, (_, i) => Number(turns[4 * geom + i])) as [
      number,
      number,
      number,
      number,
    ];
    // The capsule's own axis is z; its direction in the body's frame is the third column of the rotation matrix.
    const half = Number(sizes[3 * geom + 1]);
    const axisX = half * 2 * (x * z + w * y);
    const axisZ = half * (1 - 2 * (x * x + y * y));
    const [px, pz] = [Number(positions[3 * geom]), Number(positions[3 * geom + 2])];
    capsules.push({
      body: Number(bodies[geom]) - 1,
      ends: [
        [px + axisX, pz + axisZ],
        [px - axisX, pz - axisZ],
      ],
      radius: Number(sizes[3 * geom]),
    });
  }
  return capsules;
}
