export type ElementType = 'float64' | 'float32' | 'int32' | 'uint8';

/** Shape of a field: `rows` objects with `columns` numbers each. */
export interface FieldShape {
  readonly type: ElementType;
  readonly rows: number;
  readonly columns: number;
}

export interface DataFieldShape extends FieldShape {
  /** mjtState bit of a component of the state rows, 0 for an output. */
  readonly component: number;
}

export type FieldArray = Float64Array | Float32Array | Int32Array | Uint8Array;

const arrayTypes = { float64: Float64Array, float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;

export function elementBytes(type: ElementType): number {
  return arrayTypes[type].BYTES_PER_ELEMENT;
}

export function arrayOver(type: ElementType, buffer: ArrayBuffer): FieldArray {
  return new arrayTypes[type](buffer);
}

/** Numbers first … first + count - 1 (default: all) of a state component or a Float64 output. */
export interface ColumnSource {
  readonly name: string;
  readonly first?: number;
  readonly count?: number;
}

/** mjData fields that are Float64 outputs; others exist, by name. */
// biome-ignore format: one name a line would be fifty lines
export type FloatOutput =
  | 'qacc' | 'act_dot' | 'sensordata' | 'xpos' | 'xquat' | 'xmat' | 'xipos' | 'xiquat' | 'ximat' | 'xanchor'
  | 'xaxis' | 'geom_xpos' | 'geom_xquat' | 'geom_xmat' | 'site_xpos' | 'site_xquat' | 'site_xmat' | 'cam_xpos'
  | 'cam_xmat' | 'subtree_com' | 'subtree_linvel' | 'subtree_angmom' | 'cdof' | 'cinert' | 'cvel' | 'cacc'
  | 'cfrc_int' | 'cfrc_ext' | 'actuator_length' | 'actuator_velocity' | 'actuator_force' | 'ten_length'
  | 'ten_velocity' | 'energy' | 'qfrc_bias' | 'qfrc_passive' | 'qfrc_spring' | 'qfrc_damper' | 'qfrc_fluid'
  | 'qfrc_gravcomp' | 'qfrc_actuator' | 'qfrc_smooth' | 'qfrc_constraint' | 'qfrc_inverse' | 'qacc_smooth';
