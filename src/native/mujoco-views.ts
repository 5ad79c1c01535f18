import { describeValue } from '../base/describe.js';
import { ArgumentError, NotFoundError } from '../base/errors.js';
import { isList } from '../base/kinds.js';
import { readOptions } from '../base/options.js';
import type { BatchHandle } from './mujoco-addon.js';
import { arrayOver, type ColumnSource, type DataFieldShape, elementBytes, type FieldArray } from './mujoco-fields.js';
import type { MujocoModel } from './mujoco-model.js';
import { checkName } from './mujoco-options.js';
import { checkParameter } from './mujoco-parameters.js';
import { RequestedOutputs } from './mujoco-stages.js';
import { checkInteger } from './slots.js';

/** A component of the state table: element j of slot i is `array[offset + i * stride + j]`, 0 <= j < size. */
export interface StateView {
  readonly array: Float64Array;
  readonly offset: number;
  readonly stride: number;
  readonly size: number;
}

/** The arrays of a MujocoBatch beside its state table: made when first asked for, then always the same. */
export class MujocoViews {
  readonly requested = new RequestedOutputs();
  readonly #components = new Map<string, StateView>();
  readonly #outputs = new Map<string, FieldArray>();
  readonly #parameters = new Map<string, FieldArray>();

  /**
   * @param call makes a native call, once it has looked whether the batch is still open
   * @param fields of the batch: state components and outputs, by name
   * @param fast what would leave the fast path is refused
   */
  constructor(
    private readonly model: MujocoModel,
    private readonly call: <T>(native: (handle: BatchHandle) => T) => T,
    private readonly states: Float64Array,
    private readonly stride: number,
    private readonly fields: Readonly<Record<string, DataFieldShape>>,
    private readonly fast: boolean,
  ) {}

  /** See MujocoBatch.state. */
  state(name: string): StateView {
    const known = this.#components.get(checkName(name));
    if (known !== undefined) return known;
    const field = this.fields[name];
    if (field === undefined || field.component === 0) {
      const hint = field === undefined ? {} : { hint: 'It is derived from the state: use output()' };
      throw new NotFoundError('state component', name, this.#namesOf('state'), hint);
    }
    const [offset, size] = this.call((handle) => handle.component(field.component));
    const view = Object.freeze({ array: this.states, offset, stride: this.stride, size });
    this.#components.set(name, view);
    return view;
  }

  /** See MujocoBatch.output. */
  output(name: string): FieldArray {
    const known = this.#outputs.get(checkName(name));
    if (known !== undefined) return known;
    const field = this.fields[name];
    const isOutput = field !== undefined && field.component === 0;
    if (isOutput) this.#request(name);
    const buffer = isOutput ? this.call((handle) => handle.output(name, elementBytes(field.type))) : null;
    if (field === undefined || buffer === null) {
      const hint = field?.component ? { hint: 'It is part of the state: use state()' } : {};
      throw new NotFoundError('output', name, this.#namesOf('output'), hint);
    }
    const array = arrayOver(field.type, buffer);
    this.#outputs.set(name, array);
    return array;
  }

  /** See MujocoBatch.gather. */
  gather(columns: readonly (string | ColumnSource)[]): Float32Array {
    const wanted = readColumns(columns).map((column): [number, string, number, number] => {
      const { name, first = 0, count } = column;
      const width = this.size(name);
      const { type, component } = this.fields[name];
      if (component === 0) this.#request(name);
      if (type !== 'float64') throw new ArgumentError(`"${name}" is not an array of doubles`, { value: name });
      if (width === 0) {
        throw new ArgumentError(`"${name}" has no elements in this model`, {
          value: name,
          hint: 'Leave it out of the columns',
        });
      }
      checkInteger(`first column of "${name}"`, first, 0, width - 1);
      return [component, name, first, checkInteger(`columns of "${name}"`, count ?? width - first, 1, width - first)];
    });
    if (wanted.length === 0) throw new ArgumentError('nothing to gather', { expected: 'at least one column' });
    const buffer = this.call((handle) => handle.gather(wanted));
    if (buffer === null) throw new ArgumentError('an output to gather does not exist', { value: columns });
    return new Float32Array(buffer);
  }

  /** See MujocoBatch.size. */
  size(name: string): number {
    const field = this.fields[checkName(name)];
    if (field === undefined) throw new NotFoundError('data field', name, Object.keys(this.fields));
    return field.component === 0 ? field.rows * field.columns : this.state(name).size;
  }

  /** See MujocoBatch.parameter. */
  parameter(name: string): FieldArray {
    const known = this.#parameters.get(checkName(name));
    if (known !== undefined) return known;
    const shape = this.model.fieldShape(name);
    checkParameter(name, shape);
    if (this.fast) throw leavesFast(`a parameter, "${name}"`);
    const buffer = this.call((handle) => handle.expand(name, elementBytes(shape.type)));
    if (buffer === null) {
      throw new ArgumentError(`model field "${name}" cannot differ between slots`, { value: name });
    }
    const array = arrayOver(shape.type, buffer);
    this.#parameters.set(name, array);
    return array;
  }

  /** @throws ArgumentError for an output that no call computes, or that a fast batch does not have */
  #request(name: string): void {
    this.requested.add(name, this.model.enableFlags);
    if (this.fast && !this.call((handle) => handle.keepsFast(name))) throw leavesFast(`the output "${name}"`);
  }

  #namesOf(kind: 'state' | 'output'): string[] {
    const entries = Object.entries(this.fields).filter(
      ([, { component }]) => (component === 0) === (kind === 'output'),
    );
    return entries.map(([name]) => name);
  }
}

/** @param what needs MuJoCo's general path */
export function leavesFast(what: string): ArgumentError {
  return new ArgumentError(`${what}: steps with it take MuJoCo's general path`, {
    expected: 'what the fast path has, as the option `fast` demands',
    hint: 'Leave out `fast: true`',
  });
}

/** What to gather, read once. */
function readColumns(columns: readonly (string | ColumnSource)[]): ColumnSource[] {
  if (!isList(columns)) {
    throw new ArgumentError(`columns: ${describeValue(columns)}`, {
      value: columns,
      expected: 'an array of names or { name, first, count }',
    });
  }
  return Array.from(columns as readonly (string | ColumnSource)[], (column) => {
    if (typeof column === 'string') return { name: column };
    const { name, ...part } = readOptions(column, ['name', 'first', 'count'], 'column to gather');
    return { name: checkName(name), ...part };
  });
}
