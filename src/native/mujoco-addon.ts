import { addon } from './addon.js';

/** What the addon exports for MuJoCo. Arguments must be valid; only this folder calls it. */
export interface MujocoAddon {
  readonly MujocoModelHandle: new (
    pathOrXml: string,
    directory?: string,
    assets?: [name: string, data: Uint8Array][],
  ) => ModelHandle;
  readonly MujocoBatchHandle: new (
    model: ModelHandle,
    slots: number,
    threads: number,
    persistent: boolean,
    external: boolean,
  ) => BatchHandle;
  takeMujocoWarnings(): string[];
}

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

export interface ModelDescription {
  readonly sizes: Record<string, number>;
  readonly names: Record<string, string[]>;
  readonly modelFields: Record<string, FieldShape>;
  readonly dataFields: Record<string, DataFieldShape>;
  readonly warnings: string;
  readonly faultySparseSolver: boolean;
  readonly mujocoVersion: string;
}

export interface ModelHandle {
  describe(): ModelDescription;
  field(name: string): ArrayBuffer | null;
  bytes(): Uint8Array;
  close(): void;
}

/** Calls return the number of slots with a fault. `step` returns -1 - (slot * nu + index) of a control that is not finite. */
export interface BatchHandle {
  describe(): {
    stateSize: number;
    threads: number;
    states: ArrayBuffer;
    faults: ArrayBuffer;
    warningCounts: ArrayBuffer;
    copies: boolean;
  };
  component(bit: number): [offset: number, size: number];
  output(name: string, elementBytes: number): ArrayBuffer | null;
  expand(name: string, elementBytes: number): ArrayBuffer | null;
  step(slots: Int32Array | null, substeps: number, stage: number): number;
  forward(slots: Int32Array | null, stage: number): number;
  reset(slots: Int32Array | null, keyframes: Int32Array | null, stage: number): number;
  setConstants(slots: Int32Array | null): number;
  save(slots: Int32Array, rows: Float64Array): void;
  restore(rows: Float64Array, slots: Int32Array, from: Int32Array | null, stage: number): number;
  errorText(slot: number): string;
  close(): void;
}

export type FieldArray = Float64Array | Float32Array | Int32Array | Uint8Array;

const arrayTypes = { float64: Float64Array, float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;

export function elementBytes(type: ElementType): number {
  return arrayTypes[type].BYTES_PER_ELEMENT;
}

export function arrayOver(type: ElementType, buffer: ArrayBuffer): FieldArray {
  return new arrayTypes[type](buffer);
}

export function mujocoAddon(): MujocoAddon {
  return addon<MujocoAddon>();
}

/**
 * What MuJoCo warned about since the last call, newest last (at most 100), from all batches of the process. Nothing is
 * ever printed or written to a file.
 */
export function takeMujocoWarnings(): string[] {
  return mujocoAddon().takeMujocoWarnings();
}
