import { describeValue } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';

/** How far derived quantities are computed at the new state; each includes those before it. */
export type Stage = keyof typeof stages;
const stages = { none: 0, position: 1, velocity: 2, acceleration: 3 } as const;
const names = Object.keys(stages) as Stage[];

/** What MuJoCo computes only on request, and up to which stage that needs the others. */
const needs: ReadonlyMap<string, Stage> = new Map([
  ['cacc', 'acceleration'],
  ['cfrc_int', 'acceleration'],
  ['cfrc_ext', 'acceleration'],
  ['subtree_linvel', 'velocity'],
  ['subtree_angmom', 'velocity'],
  ['energy', 'velocity'],
]);
/** mjENBL_FWDINV */
const enableForwardInverse = 1 << 2;

/** The outputs of a batch that are computed because they were asked for, and what stages that leaves. */
export class RequestedOutputs {
  readonly #names = new Set<string>();

  /** @throws ArgumentError for an output that no call computes */
  add(name: string, enableFlags: number): void {
    if (needs.has(name)) this.#names.add(name);
    if (name === 'qfrc_inverse') {
      throw new ArgumentError('no call computes "qfrc_inverse"', {
        value: name,
        hint:
          'Inverse dynamics overwrite the forces of the forward simulation; what they give is qfrc_applied, ' +
          'xfrc_applied and qfrc_actuator',
      });
    }
    if (name === 'solver_fwdinv' && (enableFlags & enableForwardInverse) === 0) {
      throw new ArgumentError('no call computes "solver_fwdinv" in this model', {
        value: name,
        hint: 'Load it with <option><flag fwdinv="enable"/></option>',
      });
    }
  }

  /** MuJoCo's number of a stage. @throws NotFoundError; ArgumentError where an output would be half computed */
  number(stage: Stage): number {
    if (typeof stage !== 'string' || !Object.hasOwn(stages, stage)) {
      throw new NotFoundError('stage', typeof stage === 'string' ? stage : describeValue(stage), names);
    }
    const number = stages[stage];
    if (number === stages.none || number === stages.acceleration) return number;
    for (const name of this.#names) {
      const least = stages[needs.get(name)!];
      if (number >= least) continue;
      throw new ArgumentError(`stage "${stage}" does not compute the output "${name}"`, {
        value: stage,
        expected: names.filter((known) => known === 'none' || stages[known] >= least).join(' or '),
      });
    }
    return number;
  }
}
