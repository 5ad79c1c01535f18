import { arrayOf, type WasmModel } from './mujoco.js';

/**
 * `planar_bodies` and `planar_center` of a robot in the xz plane, as native/mujoco/planar.cc has them: for each body its
 * centre's x from the root, z, vx, vz, pitch and pitch rate; x of the centre of mass. The root has slides along x and z
 * and a hinge about y; every other body hangs on its parent by one hinge about ±y.
 */
export function planarFeatures(model: WasmModel): (qpos: ArrayLike<number>, qvel: ArrayLike<number>) => Planar {
  const field = (name: string) => arrayOf(model, name);
  const [parents, joints, axes] = [field('body_parentid'), field('body_jntadr'), field('jnt_axis')];
  const [origins, centers, masses] = [field('body_pos'), field('body_ipos'), field('body_mass')];
  const [q, v] = [field('jnt_qposadr'), field('jnt_dofadr')];
  const total = Array.from(masses).reduce((sum, mass) => sum + mass, 0);
  const bodies = Array.from({ length: masses.length - 1 }, (_, b) => {
    const id = b + 1;
    const joint = b === 0 ? joints[1] + 2 : joints[id];
    return {
      parent: parents[id] - 1,
      qpos: q[joint],
      qvel: v[joint],
      sign: b === 0 ? 1 : axes[3 * joint + 1],
      x: origins[3 * id],
      z: origins[3 * id + 2],
      centerX: centers[3 * id],
      centerZ: centers[3 * id + 2],
      share: masses[id] / total,
    };
  });
  const root = joints[1];
  const [slideX, slideZ, rateX, rateZ] = [q[root], q[root + 1], v[root], v[root + 1]];
  return (qpos, qvel) => {
    const features = new Float64Array(6 * bodies.length);
    const poses: Pose[] = [];
    let center = qpos[slideX];
    for (const [b, body] of bodies.entries()) {
      const parent = poses[body.parent];
      let pose: Pose;
      if (parent === undefined) {
        const [pitch, rate] = [qpos[body.qpos], qvel[body.qvel]];
        pose = { x: 0, z: qpos[slideZ], vx: qvel[rateX], vz: qvel[rateZ], pitch, rate, sin: 0, cos: 1 };
      } else {
        const dx = body.x * parent.cos + body.z * parent.sin;
        const dz = body.z * parent.cos - body.x * parent.sin;
        pose = {
          x: parent.x + dx,
          z: parent.z + dz,
          vx: parent.vx + parent.rate * dz,
          vz: parent.vz - parent.rate * dx,
          pitch: parent.pitch + body.sign * qpos[body.qpos],
          rate: parent.rate + body.sign * qvel[body.qvel],
          sin: 0,
          cos: 1,
        };
      }
      pose.sin = Math.sin(pose.pitch);
      pose.cos = Math.cos(pose.pitch);
      poses.push(pose);
      const cx = body.centerX * pose.cos + body.centerZ * pose.sin;
      const cz = body.centerZ * pose.cos - body.centerX * pose.sin;
      const { x, z, vx, vz, pitch, rate } = pose;
      features.set([x + cx, z + cz, vx + rate * cz, vz - rate * cx, pitch, rate], 6 * b);
      center += body.share * (x + cx);
    }
    return { features, center };
  };
}

export interface Planar {
  /** [bodies × 6] */
  readonly features: Float64Array;
  readonly center: number;
}

/** Of a body's frame; x from the root. */
interface Pose {
  readonly x: number;
  readonly z: number;
  readonly vx: number;
  readonly vz: number;
  readonly pitch: number;
  readonly rate: number;
  sin: number;
  cos: number;
}
