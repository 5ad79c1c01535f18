import type { PageScene } from './contract.js';
import { arrayOf } from './mujoco.js';
import type { PageSimulation } from './simulation.js';
import type { Point, Poses, View } from './view.js';

/** Newtons a metre of pull and kilogram of the robot, and what holds it back, in newton seconds a metre and kilogram. */
const STIFFNESS = 60;

/** The mouse as a spring between a point of a body and where it points. */
export class Hand {
  /** Newtons, across and up, of the last step. */
  force: readonly [number, number] = [0, 0];
  private grasped: { readonly index: number; readonly point: number; target: Point } | null = null;

  constructor(
    private readonly simulation: PageSimulation,
    private readonly scene: PageScene,
    private readonly view: View,
  ) {}

  /** Takes the point of the robot that is nearest. */
  grasp(target: Point, poses: Poses): void {
    let nearest = Number.POSITIVE_INFINITY;
    for (const [index, { moves }] of this.scene.geoms.entries()) {
      if (!moves) continue;
      const points = this.view.points(index, poses);
      for (let i = 0; i < points.length; i += 2) {
        const distance = Math.hypot(points[i] - target.x, points[i + 1] - target.y);
        if (distance >= nearest) continue;
        nearest = distance;
        this.grasped = { index, point: i / 2, target };
      }
    }
  }

  move(target: Point): void {
    if (this.grasped !== null) this.grasped.target = target;
  }

  release(): void {
    this.grasped = null;
  }

  /** From where to where it pulls; null when it does not. */
  line(poses: Poses): { from: Point; to: Point } | null {
    if (this.grasped === null) return null;
    const points = this.view.points(this.grasped.index, poses);
    const at = 2 * this.grasped.point;
    return { from: { x: points[at], y: points[at + 1] }, to: this.grasped.target };
  }

  /** Puts the force into the state, before a step. */
  pull(): void {
    const applied = this.simulation.component('xfrc_applied');
    applied.fill(0);
    this.force = [0, 0];
    if (this.grasped === null) return;
    const { data, model } = this.simulation;
    const poses = { positions: arrayOf(data, 'geom_xpos'), turns: arrayOf(data, 'geom_xmat') };
    const { from, to } = this.line(poses)!;
    const { body } = this.scene.geoms[this.grasped.index];
    const { up } = this.scene;
    const stiffness = STIFFNESS * Array.from(arrayOf(model, 'body_mass')).reduce((sum, mass) => sum + mass, 0);
    const force = [0, 0, 0];
    force[0] = stiffness * (to.x - from.x);
    force[up] = stiffness * (to.y - from.y);
    const center = arrayOf(data, 'xipos');
    const arm = [from.x - center[3 * body], 0, 0];
    arm[up] = from.y - center[3 * body + up];
    const [ax, ay, az] = arm as [number, number, number];
    const [fx, fy, fz] = force as [number, number, number];
    applied.set([fx, fy, fz, ay * fz - az * fy, az * fx - ax * fz, ax * fy - ay * fx], 6 * body);
    this.force = [fx, force[up]];
  }
}
