import { ArgumentError, NotFoundError } from '../base/errors.js';
import type { MujocoBatch } from '../native/mujoco-batch.js';
import type { MujocoEnvSource, MujocoTables, Rows } from './mujoco-source.js';

/** An array that belongs to a slot row by row, beside the state table: its name in snapshots, and its width. */
export interface SlotTable<Data = Float64Array | Int32Array | Uint8Array> {
  readonly part: string;
  readonly data: Data;
  readonly width: number;
}

/** The tables of a batch's functions, and which of them are a slot's own. */
export interface MujocoSlotTables {
  readonly tables: { -readonly [K in keyof MujocoTables]: MujocoTables[K] };
  readonly memory: ReadonlyMap<string, SlotTable<Float64Array>>;
  readonly parameters: ReadonlyMap<string, SlotTable<Float64Array>>;
  readonly outputs: readonly SlotTable[];
}

/** Makes them; the source has been checked against the model. */
export function makeTables(source: MujocoEnvSource, batch: MujocoBatch, observations: Float32Array): MujocoSlotTables {
  const { dataFields } = batch.model;
  const components = Object.keys(dataFields).filter((name) => dataFields[name].component !== 0);
  const state = Object.fromEntries(components.map((name) => [name, stateRows(batch, name)]));
  const memory = new Map(
    Object.entries(source.memory ?? {}).map(([name, width]) => {
      return [name, { part: `memory.${name}`, data: new Float64Array(batch.slots * width), width }];
    }),
  );
  const parameters = new Map(
    (source.slotParameters ?? []).map((name) => {
      const data = batch.parameter(name) as Float64Array;
      return [name, { part: `parameter.${name}`, data, width: data.length / batch.slots }];
    }),
  );
  const outputs = new Map<string, SlotTable>(
    (source.outputs ?? []).map((name) => [name, outputTable(batch, name)] as const),
  );
  const doubles = [...outputs].filter(([, { data }]) => data instanceof Float64Array);
  const integers = [...outputs].filter(([, { data }]) => !(data instanceof Float64Array));
  const missing = (option: string, known: readonly string[]) => missingName(source.id, option, known);
  const own = source.kernel === undefined ? {} : batch.model.rowKernel(source.kernel);
  const outputNames = Object.keys(dataFields).filter((name) => dataFields[name].component === 0);
  outputNames.push(...Object.keys(own));
  const tables = {
    qpos: state.qpos!,
    qvel: state.qvel!,
    control: state.ctrl!,
    state: declared(state, missing('', components)),
    outputs: declared(rowsOf(doubles) as Record<string, Rows>, missing('outputs', outputNames)),
    integers: declared(rowsOf(integers) as Record<string, Rows<Int32Array>>, missing('outputs', outputNames)),
    memory: declared(rowsOf(memory), missing('memory', [])),
    parameters: declared(rowsOf(parameters), missing('slotParameters', [])),
    observations,
    rewards: new Float64Array(0),
    terminated: new Uint8Array(0),
    elapsed: new Int32Array(0),
    keys: new Uint32Array(0),
  };
  return { tables, memory, parameters, outputs: [...outputs.values()] };
}

function stateRows(batch: MujocoBatch, name: string): Rows {
  const { array, offset, stride } = batch.state(name);
  return { data: array.subarray(offset), stride };
}

function outputTable(batch: MujocoBatch, name: string): SlotTable {
  const data = batch.output(name);
  if (!(data instanceof Float32Array)) return { part: `output.${name}`, data, width: data.length / batch.slots };
  throw new ArgumentError(`output "${name}" is of single precision`, { value: name, expected: 'such as "xpos"' });
}

function rowsOf<Data>(tables: Iterable<readonly [string, SlotTable<Data>]>): Record<string, Rows<Data>> {
  return Object.fromEntries([...tables].map(([name, { data, width }]) => [name, { data, stride: width }]));
}

/**
 * The record as it is, with an error for every other name. The check sits behind the record, as its prototype: what is
 * there is found without it.
 */
export function declared<T>(record: Record<string, T>, miss: (name: string) => never): Record<string, T> {
  const guard = new Proxy(Object.prototype, {
    get(target, name, receiver) {
      if (typeof name !== 'string' || name in target || name === 'then' || name === 'toJSON') {
        return Reflect.get(target, name, receiver);
      }
      return miss(name);
    },
  });
  return Object.assign(Object.create(guard) as Record<string, T>, record);
}

/** What a function is told that reads what its source did not name. */
export function missingName(id: string, option: string, known: readonly string[]): (name: string) => never {
  return (name) => {
    if (option === '') throw new NotFoundError('state component', name, known);
    if (option === 'outputs' && !known.includes(name)) throw new NotFoundError('output', name, known);
    throw new ArgumentError(`a function of "${id}" reads "${name}", which its \`${option}\` do not name`, {
      value: name,
      expected: `a definition with ${option === 'memory' ? `memory: { ${name}: … }` : `${option}: ['${name}', …]`}`,
      ...(option === 'outputs' ? { hint: 'Doubles are found in `outputs`, integers in `integers`' } : {}),
    });
  };
}
