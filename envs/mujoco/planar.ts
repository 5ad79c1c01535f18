import type { MujocoModel } from '../../src/native/mujoco-model.js';

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
  private readonly parent: Int32Array;
  /** Direction of each body's joint: 1 turns the way the pitch does. */
  private readonly sign: Float64Array;
  private readonly originX: Float64Array;
  private readonly originZ: Float64Array;
  private readonly centerX: Float64Array;
  private readonly centerZ: Float64Array;
  /** Share of each body in the total mass. */
  private readonly share: Float64Array;
  private readonly capsules: readonly Capsule[];
  // Present pose, one number a body: frame origin and its velocity, pitch and its rate, sine and cosine of the pitch.
  private readonly x: Float64Array;
  private readonly z: Float64Array;
  private readonly vx: Float64Array;
  private readonly vz: Float64Array;
  private readonly pitch: Float64Array;
  private readonly rate: Float64Array;
  private readonly sin: Float64Array;
  private readonly cos: Float64Array;

  constructor(model: MujocoModel) {
    const parents = model.field('body_parentid');
    const positions = model.field('body_pos');
    const centers = model.field('body_ipos');
    const masses = model.field('body_mass');
    const joints = model.field('body_jntadr');
    const axes = model.field('jnt_axis');
    const count = masses.length - 1;
    const zeros = () => new Float64Array(count);
    this.count = count;
    this.parent = Int32Array.from({ length: count }, (_, b) => Number(parents[b + 1]) - 1);
    this.sign = Float64Array.from({ length: count }, (_, b) =>
      b === 0 ? 1 : Number(axes[3 * Number(joints[b + 1]) + 1]),
    );
    this.originX = Float64Array.from({ length: count }, (_, b) => Number(positions[3 * (b + 1)]));
    this.originZ = Float64Array.from({ length: count }, (_, b) => Number(positions[3 * (b + 1) + 2]));
    this.centerX = Float64Array.from({ length: count }, (_, b) => Number(centers[3 * (b + 1)]));
    this.centerZ = Float64Array.from({ length: count }, (_, b) => Number(centers[3 * (b + 1) + 2]));
    const total = Array.from(masses, Number).reduce((sum, mass) => sum + mass, 0);
    this.share = Float64Array.from({ length: count }, (_, b) => Number(masses[b + 1]) / total);
    this.capsules = readCapsules(model);
    this.x = zeros();
    this.z = zeros();
    this.vx = zeros();
    this.vz = zeros();
    this.pitch = zeros();
    this.rate = zeros();
    this.sin = zeros();
    this.cos = zeros();
  }

  /**
   * Writes the features of all bodies to out[at …] for positions q[qAt …] and velocities v[vAt …].
   * @returns x of the centre of mass
   */
  observe(q: Float64Array, qAt: number, v: Float64Array, vAt: number, out: Float32Array, at: number): number {
    const { count, parent, sign, originX, originZ, centerX, centerZ, share, x, z, vx, vz, pitch, rate, sin, cos } =
      this;
    const rootX = q[qAt]!;
    x[0] = 0;
    z[0] = q[qAt + 1]!;
    vx[0] = v[vAt]!;
    vz[0] = v[vAt + 1]!;
    pitch[0] = q[qAt + 2]!;
    rate[0] = v[vAt + 2]!;
    let centerOfMass = 0;
    for (let b = 0; b < count; b++) {
      if (b > 0) {
        const p = parent[b]!;
        const dx = originX[b]! * cos[p]! + originZ[b]! * sin[p]!;
        const dz = originZ[b]! * cos[p]! - originX[b]! * sin[p]!;
        x[b] = x[p]! + dx;
        z[b] = z[p]! + dz;
        vx[b] = vx[p]! + rate[p]! * dz;
        vz[b] = vz[p]! - rate[p]! * dx;
        pitch[b] = pitch[p]! + sign[b]! * q[qAt + 2 + b]!;
        rate[b] = rate[p]! + sign[b]! * v[vAt + 2 + b]!;
      }
      const s = Math.sin(pitch[b]!);
      const c = Math.cos(pitch[b]!);
      sin[b] = s;
      cos[b] = c;
      const cx = centerX[b]! * c + centerZ[b]! * s;
      const cz = centerZ[b]! * c - centerX[b]! * s;
      const o = at + 6 * b;
      out[o] = x[b]! + cx;
      out[o + 1] = z[b]! + cz;
      out[o + 2] = vx[b]! + rate[b]! * cz;
      out[o + 3] = vz[b]! - rate[b]! * cx;
      out[o + 4] = pitch[b]!;
      out[o + 5] = rate[b]!;
      centerOfMass += share[b]! * (x[b]! + cx);
    }
    return rootX + centerOfMass;
  }

  /** Height of the lowest point of the robot; negative: below the ground. */
  lowest(q: Float64Array): number {
    const scratch = new Float32Array(BODY_FEATURES * this.count);
    this.observe(q, 0, new Float64Array(q.length), 0, scratch, 0);
    let lowest = Infinity;
    for (const { body, ends, radius } of this.capsules) {
      for (const [x, z] of ends) {
        lowest = Math.min(lowest, this.z[body]! + z * this.cos[body]! - x * this.sin[body]! - radius);
      }
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
