import { ModelError, type MujocoModel } from '../../src/index.js';

/**
 * The geometry of a chain of links that moves in the xy plane. The root body has slide joints along x and y and a hinge about
 * z (the first three coordinates); every other body hangs on the one before it by one hinge about z at its frame's origin. At
 * rest all links lie along x.
 */
export class ChainOfLinks {
  /**
   * x of the centre of mass from the root is Σ levers[i] cos(angle of link i) / mass: in metres, and masses in units of the
   * root's, so that links of equal mass count as whole numbers.
   */
  private readonly levers: readonly number[];
  private readonly mass: number;

  /** @throws ModelError for a model of another shape */
  constructor(model: MujocoModel) {
    const links = model.sizes.nbody! - 1;
    const field = (name: string) => Array.from(model.field(name), Number);
    const [origins, centers] = [field('body_pos'), field('body_ipos')];
    for (let link = 1; link <= links; link++) checkLink(model, link);
    const masses = field('body_mass').slice(1);
    const shares = masses.map((mass) => mass / masses[0]);
    this.levers = shares.map((share, i) => {
      const behind = shares.slice(i + 1).reduce((sum, other) => sum + other, 0);
      const next = i + 1 < links ? origins[3 * (i + 2)] : 0;
      return centers[3 * (i + 1)] * share + next * behind;
    });
    this.mass = shares.reduce((sum, share) => sum + share, 0);
  }

  /**
   * x velocity of the centre of mass relative to the root, m/s.
   * @param q where the slot's coordinates start (x, y, rotation, joints), @param v where its velocities do
   */
  massVelocity(qpos: Float64Array, q: number, qvel: Float64Array, v: number): number {
    let angle = 0;
    let rate = 0;
    let sum = 0;
    for (let i = 0; i < this.levers.length; i++) {
      angle += qpos[q + 2 + i];
      rate += qvel[v + 2 + i];
      sum += -this.levers[i] * Math.sin(angle) * rate;
    }
    return sum / this.mass;
  }
}

function checkLink(model: MujocoModel, body: number): void {
  const { parentId, joints, name } = model.body(body);
  const hinge = joints.at(-1);
  const vector = (field: string, at: number) => Array.from(model.field(field).slice(3 * at, 3 * at + 3), Number);
  const isFlat =
    hinge?.type === 'hinge' &&
    vector('jnt_axis', hinge.id).join() === '0,0,1' &&
    vector('jnt_pos', hinge.id)
      .slice(0, 2)
      .every((value) => value === 0);
  const isStraight = [...vector('body_pos', body).slice(1), ...vector('body_ipos', body).slice(1)].every(
    (value) => value === 0,
  );
  if (isFlat && isStraight && parentId === body - 1 && joints.length === (body === 1 ? 3 : 1)) return;
  throw new ModelError(`body "${name}" is no link of a chain along x`, {
    value: name,
    expected: 'links that hang on each other by hinges about z',
  });
}
