import type { Rows } from '../../src/env/define-mujoco-env.js';
import type { MujocoModel } from '../../src/native/mujoco-model.js';

// 1 / n! with alternating signs.
const [S3, S5, S7, S9] = [-1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const [S11, S13, S15] = [-1 / 39916800, 1 / 6227020800, -1 / 1307674368000];
const [C4, C6, C8, C10] = [1 / 24, -1 / 720, 1 / 40320, -1 / 3628800];
const [C12, C14, C16] = [1 / 479001600, -1 / 87178291200, 1 / 20922789888000];
/** π/2 in two parts: the first with so few bits that small multiples of it are exact. */
const HALF_PI_HIGH = Math.fround(Math.PI / 2);
const HALF_PI_LOW = 6.123233995736766e-17 + (Math.PI / 2 - HALF_PI_HIGH);

/** Numbers a body contributes to an observation: x from the root, z, vx, vz of its centre of mass, pitch, pitch rate. */
export const BODY_FEATURES = 6;

/**
 * Positions and velocities of a robot that moves in the xz plane, computed from its joint angles: cheaper than asking
 * the simulator to go through its position and velocity stages again after every step. The root body has slide joints
 * x and z and a hinge about y (the first three coordinates); every other body hangs on its parent by one hinge about
 * ±y at its frame's origin. Angles turn from z to x; lengths in m, angles in rad.
 */
export class PlanarBodies {
  /** Bodies, the root first, parents before children. */
  readonly count: number;
  /**
   * Seven numbers a body: the parent's row in `pose`, direction of the joint (1 turns the way the pitch does), the
   * frame's origin in the parent (x, z), the centre of mass in the frame (x, z), the body's share in the total mass.
   */
  private readonly constants: Float64Array;
  /** Eight numbers a body: frame origin (x from the root, z) and its velocity, pitch, its rate, sine and cosine. */
  private readonly pose: Float64Array;
  private readonly capsules: readonly Capsule[];

  constructor(model: MujocoModel) {
    const field = (name: string) => Array.from(model.field(name), Number);
    const masses = field('body_mass');
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    const [parents, joints, axes] = [field('body_parentid'), field('body_jntadr'), field('jnt_axis')];
    const [origins, centers] = [field('body_pos'), field('body_ipos')];
    this.count = masses.length - 1;
    this.constants = new Float64Array(7 * this.count);
    this.pose = new Float64Array(8 * this.count);
    for (let b = 0; b < this.count; b++) {
      const id = b + 1;
      const sign = b === 0 ? 1 : axes[3 * joints[id]! + 1]!;
      const [x, z] = [origins[3 * id]!, origins[3 * id + 2]!];
      const [cx, cz] = [centers[3 * id]!, centers[3 * id + 2]!];
      this.constants.set([8 * (parents[id]! - 1), sign, x, z, cx, cz, masses[id]! / total], 7 * b);
    }
    this.capsules = readCapsules(model);
  }

  /**
   * Writes the features of all bodies of slots first … end - 1.
   * @param out slot s: out[s * stride + at …]
   * @param motion slot s: x of the centre of mass at motion[2 s], which arrives with the value of `seconds` ago, and its
   * velocity since then at motion[2 s + 1]
   */
  observe(
    qpos: Rows,
    qvel: Rows,
    first: number,
    end: number,
    out: Float32Array,
    stride: number,
    at: number,
    motion: Float64Array,
    seconds: number,
  ): void {
    const { count, constants, pose } = this;
    const { data: q, stride: qStride } = qpos;
    const { data: v, stride: vStride } = qvel;
    for (let slot = first; slot < end; slot++) {
      const qAt = slot * qStride;
      const vAt = slot * vStride;
      let o = slot * stride + at;
      let center = q[qAt]!;
      for (let b = 0, p = 0, k = 0; b < count; b++, p += 8, k += 7) {
        let x = 0;
        let z = q[qAt + 1]!;
        let vx = v[vAt]!;
        let vz = v[vAt + 1]!;
        let pitch = q[qAt + 2]!;
        let rate = v[vAt + 2]!;
        if (b > 0) {
          const parent = constants[k]!;
          const sign = constants[k + 1]!;
          const parentRate = pose[parent + 5]!;
          const sin = pose[parent + 6]!;
          const cos = pose[parent + 7]!;
          const dx = constants[k + 2]! * cos + constants[k + 3]! * sin;
          const dz = constants[k + 3]! * cos - constants[k + 2]! * sin;
          x = pose[parent]! + dx;
          z = pose[parent + 1]! + dz;
          vx = pose[parent + 2]! + parentRate * dz;
          vz = pose[parent + 3]! - parentRate * dx;
          pitch = pose[parent + 4]! + sign * q[qAt + 2 + b]!;
          rate = parentRate + sign * v[vAt + 2 + b]!;
        }
        // Sine and cosine together by their series, on (-π/4, π/4) after removing quarter turns: both to 1e-16, at a
        // fraction of the price of Math.sin and Math.cos, and the same bits everywhere.
        const quarters = Math.round(pitch * (2 / Math.PI));
        const y = pitch - quarters * HALF_PI_HIGH - quarters * HALF_PI_LOW;
        const y2 = y * y;
        const y4 = y2 * y2;
        const y8 = y4 * y4;
        let s = y + y * y2 * (S3 + y2 * S5 + y4 * (S7 + y2 * S9) + y8 * (S11 + y2 * S13 + y4 * S15));
        let c = 1 - y2 * 0.5 + y4 * (C4 + y2 * C6 + y4 * (C8 + y2 * C10) + y8 * (C12 + y2 * C14 + y4 * C16));
        if ((quarters & 1) !== 0) {
          const swap = s;
          s = c;
          c = -swap;
        }
        if ((quarters & 2) !== 0) {
          s = -s;
          c = -c;
        }
        pose[p] = x;
        pose[p + 1] = z;
        pose[p + 2] = vx;
        pose[p + 3] = vz;
        pose[p + 4] = pitch;
        pose[p + 5] = rate;
        pose[p + 6] = s;
        pose[p + 7] = c;
        const cx = constants[k + 4]! * c + constants[k + 5]! * s;
        const cz = constants[k + 5]! * c - constants[k + 4]! * s;
        out[o] = x + cx;
        out[o + 1] = z + cz;
        out[o + 2] = vx + rate * cz;
        out[o + 3] = vz - rate * cx;
        out[o + 4] = pitch;
        out[o + 5] = rate;
        o += 6;
        center += constants[k + 6]! * (x + cx);
      }
      motion[2 * slot + 1] = (center - motion[2 * slot]!) / seconds;
      motion[2 * slot] = center;
    }
  }

  /** Height of the lowest point of the robot; negative: below the ground. */
  lowest(qpos: Float64Array): number {
    const rows = (data: Float64Array): Rows => ({ data, stride: data.length });
    const still = rows(new Float64Array(qpos.length));
    const scratch = new Float32Array(BODY_FEATURES * this.count);
    this.observe(rows(qpos), still, 0, 1, scratch, scratch.length, 0, new Float64Array(2), 1);
    let lowest = Infinity;
    for (const { body, ends, radius } of this.capsules) {
      const [height, sin, cos] = [this.pose[8 * body + 1]!, this.pose[8 * body + 6]!, this.pose[8 * body + 7]!];
      for (const [x, z] of ends) lowest = Math.min(lowest, height + z * cos - x * sin - radius);
    }
    return lowest;
  }
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
