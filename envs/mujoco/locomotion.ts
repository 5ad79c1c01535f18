import type { MujocoModel, SlotFunction } from '../../src/index.js';
import { PlanarShape } from './planar.js';

/** Settings common to the hopper and the walker. */
export interface RobotSettings {
  readonly aliveReward: number;
  readonly controlCost: number;
  /** Coefficient c of the impact cost c/2 · ‖f‖², f the joint-space constraint forces (N, N m). */
  readonly impactCost: number;
  /** Most that one step's impact may cost. */
  readonly impactCap: number;
}

/**
 * The hopper's and the walker's inputs: positions without x, velocities, six kinematic features of each body, and the
 * joint-space constraint forces of the step just made.
 */
export const robotColumns = [{ name: 'qpos', first: 1 }, 'qvel', 'planar_bodies', 'qfrc_constraint'];

/** Keeps the centre of mass and its velocity since the last call, `seconds` ago, in `motion`. */
export function followMotion(seconds: number): SlotFunction {
  return ({ outputs, memory }, first, end) => {
    const { data: center } = outputs.planar_center!;
    const { data: motion } = memory.motion!;
    for (let slot = first; slot < end; slot++) {
      motion[2 * slot + 1] = (center[slot] - motion[2 * slot]) / seconds;
      motion[2 * slot] = center[slot];
    }
  };
}

/** Inputs of a robot: 41 for the hopper, 68 for the walker. */
export function robotInputs(bodies: number, coordinates: number): number {
  return 3 * coordinates - 1 + 6 * bodies;
}

/**
 * Reward: velocity of the centre of mass + alive - controlCost ‖u‖² - min(impactCap, impactCost/2 ‖f‖²); the episode ends, with reward
 * 0, where the torso's height leaves (0.8, 2) m or its pitch (-1, 1) rad.
 */
export function rewardRobot(settings: RobotSettings, coordinates: number, controls: number): SlotFunction {
  const { aliveReward, controlCost, impactCost, impactCap } = settings;
  return ({ qpos, control, outputs, memory, rewards, terminated }, first, end) => {
    const { data: q, stride } = qpos;
    const { data: u } = control;
    const { data: forces, stride: forceStride } = outputs.qfrc_constraint!;
    const { data: motion } = memory.motion!;
    for (let slot = first; slot < end; slot++) {
      const height = q[slot * stride + 1];
      const pitch = q[slot * stride + 2];
      if (!(height > 0.8 && height < 2 && pitch > -1 && pitch < 1)) {
        terminated[slot] = 1;
        rewards[slot] = 0;
        continue;
      }
      let effort = 0;
      for (let i = slot * control.stride; i < slot * control.stride + controls; i++) effort += u[i] * u[i];
      let impact = 0;
      if (impactCost > 0) {
        for (let i = slot * forceStride; i < slot * forceStride + coordinates; i++) {
          impact += forces[i] * forces[i];
        }
        impact = Math.min(impactCap, 0.5 * impactCost * impact);
      }
      rewards[slot] = motion[2 * slot + 1] + aliveReward - controlCost * effort - impact;
    }
  };
}

/** A pose to start around: positions (m, rad; the height is one of them) and velocities by coordinate. */
export interface StartPose {
  readonly positions: readonly number[];
  readonly velocities: readonly number[];
}

/** Start: ±0.2 on every position and velocity around `pose`, then lifted until no part is below the ground. */
export function startRobot(shape: PlanarShape, { positions, velocities }: StartPose) {
  return (qpos: Float64Array, qvel: Float64Array, draw: (dimension: number) => number): void => {
    for (let i = 0; i < qpos.length; i++) qpos[i] = (positions[i] ?? 0) + 0.2 * (2 * draw(i) - 1);
    for (let i = 0; i < qvel.length; i++) qvel[i] = (velocities[i] ?? 0) + 0.2 * (2 * draw(qpos.length + i) - 1);
    qpos[1] += Math.max(0, -shape.lowest(qpos));
  };
}

/** The functions of a planar robot: hopper and walker differ in their model and settings only. */
export function robotFunctions(
  settings: RobotSettings,
  coordinates: number,
  controls: number,
  seconds: number,
  pose: StartPose,
) {
  return (model: MujocoModel) => {
    return {
      start: startRobot(new PlanarShape(model), pose),
      observe: followMotion(seconds),
      reward: rewardRobot(settings, coordinates, controls),
    };
  };
}
