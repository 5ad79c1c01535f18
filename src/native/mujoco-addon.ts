import { addon } from './addon.js';
import type { DataFieldShape, FieldShape } from './mujoco-fields.js';

/** What the addon exports for MuJoCo. Arguments must be valid; only this folder calls it. */
export interface MujocoAddon {
  readonly MujocoModelHandle: new (
    pathOrXml: string,
    isPath: boolean,
    directory: string,
    assets: [name: string, data: Uint8Array][],
    jacobian: number,
  ) => ModelHandle;
  readonly MujocoBatchHandle: new (
    model: ModelHandle,
    slots: number,
    threads: number,
    persistent: boolean,
    external: boolean,
    rowKernel: string,
  ) => BatchHandle;
  loadMujocoPlugins(folder: string): string[];
  mujocoRowKernels(): string[];
  takeMujocoWarnings(): string[];
}

export interface ModelDescription {
  readonly sizes: Record<string, number>;
  readonly names: Record<string, string[]>;
  readonly modelFields: Record<string, FieldShape>;
  readonly dataFields: Record<string, DataFieldShape>;
  readonly warnings: string;
  readonly mujocoVersion: string;
}

export interface ModelHandle {
  describe(): ModelDescription;
  field(name: string): ArrayBuffer | null;
  /** Outputs of a row kernel for this model. @throws an error with ERR_MODEL that says what the model lacks */
  rowKernel(name: string): Record<string, DataFieldShape>;
  /** Bytes of one mjData, without its arena. */
  dataBytes(): number;
  contents(): Uint8Array;
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
  isFast(): boolean;
  /** Whether steps stay fast with this output. */
  keepsFast(name: string): boolean;
  component(bit: number): [offset: number, size: number];
  output(name: string, elementBytes: number): ArrayBuffer | null;
  gather(columns: [component: number, output: string, first: number, count: number][]): ArrayBuffer | null;
  refresh(slots: Int32Array | null): void;
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
