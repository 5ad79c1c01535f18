/** What the page uses of the package @mujoco/mujoco. Arrays are views of its memory: valid until the next call. */
export interface WasmModel {
  readonly [field: string]: unknown;
}

export interface WasmData {
  readonly [field: string]: unknown;
}

export interface Wasm {
  readonly MjModel: { from_xml_string(xml: string): WasmModel };
  readonly MjData: new (model: WasmModel) => WasmData;
  mj_resetData(model: WasmModel, data: WasmData): void;
  mj_resetDataKeyframe(model: WasmModel, data: WasmData, key: number): void;
  mj_step(model: WasmModel, data: WasmData): void;
  mj_forward(model: WasmModel, data: WasmData): void;
  mj_fwdPosition(model: WasmModel, data: WasmData): void;
  mj_fwdVelocity(model: WasmModel, data: WasmData): void;
  mj_rnePostConstraint(model: WasmModel, data: WasmData): void;
}

export type LoadWasm = (options: { wasmBinary: ArrayBufferView | ArrayBuffer }) => Promise<Wasm>;

export type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

/** An array field. @throws RangeError if this version of MuJoCo has none of that name */
export function arrayOf(holder: WasmModel | WasmData, name: string): Numbers {
  const value = holder[name];
  if (ArrayBuffer.isView(value)) return value as Numbers;
  throw new RangeError(`MuJoCo in the page has no array "${name}"`);
}
