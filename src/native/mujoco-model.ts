import { createHash } from 'node:crypto';
import { describeValue } from '../base/describe.js';
import { ArgumentError, ClosedError, ModelError, NotFoundError } from '../base/errors.js';
import { type ModelDescription, type ModelHandle, mujocoAddon } from './mujoco-addon.js';
import { arrayOver, type FieldArray, type FieldShape } from './mujoco-fields.js';
import { loadFile, loadXml, type ModelOptions, type XmlOptions } from './mujoco-loading.js';
import { checkInteger } from './slots.js';

export type { ModelOptions, XmlOptions } from './mujoco-loading.js';

export type ObjectKind =
  | 'body'
  | 'joint'
  | 'geom'
  | 'site'
  | 'camera'
  | 'light'
  | 'tendon'
  | 'equality'
  | 'actuator'
  | 'sensor'
  | 'mesh'
  | 'material'
  | 'texture'
  | 'hfield'
  | 'flex'
  | 'skin'
  | 'pair'
  | 'exclude'
  | 'text'
  | 'tuple'
  | 'plugin'
  | 'numeric'
  | 'key';

export interface MujocoJoint {
  readonly id: number;
  readonly name: string;
  readonly type: 'free' | 'ball' | 'slide' | 'hinge';
  readonly bodyId: number;
  /** First element in qpos, and how many (7, 4, 1, 1). */
  readonly qposAddress: number;
  readonly qposSize: number;
  /** First element in qvel and every other array over degrees of freedom, and how many (6, 3, 1, 1). */
  readonly dofAddress: number;
  readonly dofSize: number;
  /** Metres or radians; null without limits. */
  readonly range: readonly [number, number] | null;
}

export interface MujocoBody {
  readonly id: number;
  readonly name: string;
  readonly parentId: number;
  /** kg */
  readonly mass: number;
  readonly joints: readonly MujocoJoint[];
  readonly geomIds: readonly number[];
}

export interface MujocoGeom {
  readonly id: number;
  readonly name: string;
  readonly type: (typeof geomTypes)[number];
  readonly bodyId: number;
  /** Metres; what the three numbers are depends on the type (MuJoCo's XML reference, geom/size). */
  readonly size: readonly [number, number, number];
}

export interface MujocoActuator {
  readonly id: number;
  readonly name: string;
  /** First element in ctrl, and how many. */
  readonly ctrlAddress: number;
  readonly ctrlSize: number;
  /** Bounds of the first control; null where it is unbounded. */
  readonly ctrlRange: readonly [number, number] | null;
}

export interface MujocoSensor {
  readonly id: number;
  readonly name: string;
  /** First element in sensordata, and how many. */
  readonly address: number;
  readonly size: number;
}

const jointTypes = ['free', 'ball', 'slide', 'hinge'] as const;
const qposSizes = [7, 4, 1, 1] as const;
const dofSizes = [6, 3, 1, 1] as const;
const geomTypes = ['plane', 'hfield', 'sphere', 'capsule', 'ellipsoid', 'cylinder', 'box', 'mesh', 'sdf'] as const;

function checkName(name: unknown, of: string): string {
  if (typeof name === 'string') return name;
  throw new ArgumentError(`the name of ${of}: ${describeValue(name)}`, { value: name, expected: 'a string' });
}

/**
 * A compiled MuJoCo model: what is in it, by name, and where to find it in the arrays of a `MujocoBatch`. Batches keep
 * their own copy, so it may be closed (or dropped) while they live.
 */
export class MujocoModel {
  /** Sizes by MuJoCo's names: nq, nv, nu, nbody, ngeom, nsensordata …. */
  readonly sizes: Readonly<Record<string, number>>;
  /** What the compiler warned about, "" if nothing. */
  readonly warnings: string;
  /** Version of the MuJoCo library, such as "4.0.1". */
  readonly mujocoVersion: string;
  /** Seconds of one substep. */
  readonly timestep: number;
  /** mjtEnableBit; for MujocoBatch. @internal */
  readonly enableFlags: number;
  /** The addon's handle; for MujocoBatch. @internal */
  readonly handle: ModelHandle;
  /** Fields of mjData with their shapes; for MujocoBatch. @internal */
  readonly dataFields: ModelDescription['dataFields'];
  readonly #names: Record<string, string[]>;
  readonly #fields: Record<string, FieldShape>;
  readonly #ids = new Map<string, Map<string, number>>();
  readonly #copies = new Map<string, FieldArray>();
  #hash: string | undefined;
  #closed = false;

  private constructor(handle: ModelHandle) {
    const description = handle.describe();
    this.handle = handle;
    this.sizes = Object.freeze(description.sizes);
    this.warnings = description.warnings;
    this.mujocoVersion = description.mujocoVersion;
    // Without a prototype: "constructor" is no name of a field.
    this.dataFields = Object.assign(Object.create(null), description.dataFields) as ModelDescription['dataFields'];
    this.#names = Object.assign(Object.create(null), description.names) as Record<string, string[]>;
    this.#fields = Object.assign(Object.create(null), description.modelFields) as Record<string, FieldShape>;
    this.timestep = this.field('opt.timestep')[0];
    this.enableFlags = this.field('opt.enableflags')[0];
  }

  /**
   * Compiles an MJCF (or URDF) file.
   * @throws ModelError with MuJoCo's own text and line, or for sizes that no machine could hold
   */
  static fromFile(path: string, options?: ModelOptions): MujocoModel {
    return new MujocoModel(loadFile(path, options));
  }

  /**
   * Compiles MJCF given as a string.
   * @throws ModelError with MuJoCo's own text and line, or for sizes that no machine could hold
   */
  static fromXml(xml: string, options?: XmlOptions): MujocoModel {
    return new MujocoModel(loadXml(xml, options));
  }

  /**
   * SHA-256 of the compiled model, in hexadecimal: every size, array, option and name that the compiler made, so included
   * files and meshes count, too. Equal for equal models, whatever the process and the folder they were loaded from.
   * Visual settings (`<visual>`) are left out. Computed when first asked for.
   */
  get hash(): string {
    if (this.#hash === undefined) {
      if (this.#closed) throw new ClosedError('MujocoModel');
      this.#hash = createHash('sha256').update(this.handle.contents()).digest('hex');
    }
    return this.#hash;
  }

  /** Names of all objects of a kind, by id; "" where there is none. */
  names(kind: ObjectKind): readonly string[] {
    const names = this.#names[checkName(kind, 'a kind of object')];
    if (names === undefined) throw new NotFoundError('kind of object', kind, Object.keys(this.#names));
    return names;
  }

  /** Id of an object, by name. @throws NotFoundError with the nearest names */
  id(kind: ObjectKind, name: string): number {
    const names = this.names(kind);
    let ids = this.#ids.get(kind);
    if (ids === undefined) {
      ids = new Map(names.map((known, id) => [known, id] as const).filter(([known]) => known !== ''));
      this.#ids.set(kind, ids);
    }
    const id = ids.get(checkName(name, 'an object'));
    if (id === undefined) throw new NotFoundError(kind, name, ids.keys());
    return id;
  }

  /** Id of a keyframe, by name or id. @throws NotFoundError, ArgumentError */
  keyframe(nameOrId: string | number): number {
    const count = this.names('key').length;
    if (count > 0)
      return typeof nameOrId === 'string' ? this.id('key', nameOrId) : checkInteger('keyframe', nameOrId, 0, count - 1);
    throw new ArgumentError(`keyframe ${describeValue(nameOrId)}: the model has no keyframes`, {
      value: nameOrId,
      hint: 'Reset without one, then write qpos and qvel',
    });
  }

  /**
   * The outputs that a row kernel adds to those of MuJoCo, for this model; for batches and environments. @internal
   * @throws NotFoundError for a name that no kernel has; ModelError saying why this model is none for it
   */
  rowKernel(name: string): ModelDescription['dataFields'] {
    if (this.#closed) throw new ClosedError('MujocoModel');
    const known = mujocoAddon().mujocoRowKernels();
    if (!known.includes(name)) throw new NotFoundError('row kernel', name, known);
    try {
      return Object.assign(Object.create(null), this.handle.rowKernel(name)) as ModelDescription['dataFields'];
    } catch (cause) {
      throw new ModelError(`the model is none for the row kernel "${name}": ${(cause as Error).message}`, { cause });
    }
  }

  joint(nameOrId: string | number): MujocoJoint {
    const id = this.#resolve('joint', nameOrId);
    const type = this.#number('jnt_type', id);
    return {
      id,
      name: this.names('joint')[id],
      type: jointTypes[type],
      bodyId: this.#number('jnt_bodyid', id),
      qposAddress: this.#number('jnt_qposadr', id),
      qposSize: qposSizes[type],
      dofAddress: this.#number('jnt_dofadr', id),
      dofSize: dofSizes[type],
      range: this.#number('jnt_limited', id) ? this.#pair('jnt_range', id) : null,
    };
  }

  body(nameOrId: string | number): MujocoBody {
    const id = this.#resolve('body', nameOrId);
    const firstJoint = this.#number('body_jntadr', id);
    const firstGeom = this.#number('body_geomadr', id);
    return {
      id,
      name: this.names('body')[id],
      parentId: this.#number('body_parentid', id),
      mass: this.#number('body_mass', id),
      joints: Array.from({ length: this.#number('body_jntnum', id) }, (_, i) => this.joint(firstJoint + i)),
      geomIds: Array.from({ length: this.#number('body_geomnum', id) }, (_, i) => firstGeom + i),
    };
  }

  geom(nameOrId: string | number): MujocoGeom {
    const id = this.#resolve('geom', nameOrId);
    const size = this.#field('geom_size');
    return {
      id,
      name: this.names('geom')[id],
      type: geomTypes[this.#number('geom_type', id)],
      bodyId: this.#number('geom_bodyid', id),
      size: [size[3 * id], size[3 * id + 1], size[3 * id + 2]],
    };
  }

  actuator(nameOrId: string | number): MujocoActuator {
    const id = this.#resolve('actuator', nameOrId);
    const ctrlAddress = this.#number('actuator_ctrladr', id);
    const ctrlSize = this.#number('actuator_ctrlnum', id);
    const limited = ctrlSize > 0 && this.#number('actuator_ctrllimited', ctrlAddress) === 1;
    return {
      id,
      name: this.names('actuator')[id],
      ctrlAddress,
      ctrlSize,
      ctrlRange: limited ? this.#pair('actuator_ctrlrange', ctrlAddress) : null,
    };
  }

  sensor(nameOrId: string | number): MujocoSensor {
    const id = this.#resolve('sensor', nameOrId);
    return {
      id,
      name: this.names('sensor')[id],
      address: this.#number('sensor_adr', id),
      size: this.#number('sensor_dim', id),
    };
  }

  /**
   * A copy of an mjModel array ("geom_size", "body_mass") or mjOption field ("opt.gravity"), row-major.
   * @throws NotFoundError with the nearest names
   */
  field(name: string): FieldArray {
    return this.#field(name).slice();
  }

  /** Names of all fields. */
  fieldNames(): readonly string[] {
    return Object.keys(this.#fields);
  }

  /** Rows (objects) and columns (numbers each) of an mjModel array. */
  fieldShape(name: string): FieldShape {
    const shape = this.#fields[checkName(name, 'a field')];
    if (shape === undefined) throw new NotFoundError('model field', name, Object.keys(this.#fields));
    return shape;
  }

  /** Frees the model. What was read before stays readable. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.handle.close();
  }

  get closed(): boolean {
    return this.#closed;
  }

  #field(name: string): FieldArray {
    let copy = this.#copies.get(name);
    if (copy === undefined) {
      const shape = this.fieldShape(name);
      if (this.#closed) throw new ClosedError('MujocoModel');
      copy = arrayOver(shape.type, this.handle.field(name)!);
      this.#copies.set(name, copy);
    }
    return copy;
  }

  #number(field: string, id: number): number {
    return this.#field(field)[id];
  }

  #pair(field: string, id: number): readonly [number, number] {
    const values = this.#field(field);
    return [values[2 * id], values[2 * id + 1]];
  }

  #resolve(kind: ObjectKind, nameOrId: string | number): number {
    if (typeof nameOrId === 'string') return this.id(kind, nameOrId);
    const count = this.names(kind).length;
    if (!Number.isInteger(nameOrId) || nameOrId < 0 || nameOrId >= count) {
      throw new ArgumentError(`${kind} id ${describeValue(nameOrId)}`, {
        value: nameOrId,
        expected: `a name or 0 … ${count - 1}`,
      });
    }
    return nameOrId;
  }
}
