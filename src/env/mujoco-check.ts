import { ArgumentError, ModelError, NotFoundError } from '../base/errors.js';
import type { ColumnSource, DataFieldShape } from '../native/mujoco-fields.js';
import type { MujocoModel } from '../native/mujoco-model.js';
import { checkInteger } from '../native/slots.js';
import { Faults } from './faults.js';
import type { MujocoEnvSource } from './mujoco-source.js';

type Fields = Readonly<Record<string, DataFieldShape>>;

/** @throws ModelError, NotFoundError or ArgumentError: all that the model does not have as the source says */
export function checkAgainstModel(source: MujocoEnvSource, model: MujocoModel, observationSize: number): void {
  const { id, gather, outputs = [], slotParameters = [], keyframe, kernel } = source;
  const faults = new Faults();
  const own = kernel === undefined ? {} : faults.try(() => model.rowKernel(kernel));
  const fields: Fields = { ...model.dataFields, ...own };
  const actuators = model.sizes.nu!;
  if (actuators !== source.actuators) {
    const expected = `${source.actuators}, as its definition says`;
    faults.add(new ModelError(`the model of "${id}" has ${actuators} controls`, { value: actuators, expected }));
  }
  const seconds = model.timestep * (source.substeps ?? 1);
  if (Math.abs(seconds - source.secondsPerStep) > 1e-9) {
    const expected = `${source.secondsPerStep} s, as its definition says`;
    faults.add(new ModelError(`a step of "${id}" takes ${seconds} s`, { value: seconds, expected }));
  }
  for (const name of outputs) faults.try(() => checkOutput(name, fields));
  for (const name of slotParameters) faults.try(() => checkParameter(name, model));
  if (keyframe !== undefined) faults.try(() => findKeyframe(keyframe, model));
  const counts = gather?.map((column) => faults.try(() => countColumns(column, fields)));
  if (counts?.every((count) => count !== undefined)) {
    const value = counts.reduce((sum, count) => sum + count, 0);
    const expected = `${observationSize}, its observation`;
    if (value !== observationSize)
      faults.add(new ArgumentError(`"${id}" gathers ${value} columns`, { value, expected }));
  }
  faults.report(`"${id}" and its model`);
}

/** Whether anything that the source reads is derived by MuJoCo from the state; what a row kernel gives needs no stage. */
export function readsDerived({ gather = [], outputs = [] }: MujocoEnvSource, model: MujocoModel): boolean {
  const names = [...outputs, ...gather.map((column) => (typeof column === 'string' ? column : column.name))];
  return names.some((name) => model.dataFields[name]?.component === 0);
}

/** Id of a keyframe. @throws ModelError, NotFoundError, ArgumentError */
export function findKeyframe(keyframe: string | number, model: MujocoModel): number {
  const names = model.names('key');
  if (names.length === 0) {
    throw new ModelError(`keyframe ${JSON.stringify(keyframe)}: the model has no keyframes`, { value: keyframe });
  }
  return typeof keyframe === 'string'
    ? model.id('key', keyframe)
    : checkInteger('keyframe', keyframe, 0, names.length - 1);
}

/** A field of mjData that is there and not empty. */
function findField(name: string, fields: Fields, what: string): DataFieldShape {
  const field = fields[name];
  if (field === undefined) {
    const outputs = Object.keys(fields).filter((known) => what !== 'output' || isOutput(known, fields));
    throw new NotFoundError(what, name, outputs);
  }
  if (field.rows * field.columns > 0) return field;
  throw new ArgumentError(`"${name}" has no elements in this model`, {
    value: name,
    expected: 'fields that are there',
  });
}

function isOutput(name: string, fields: Fields): boolean {
  return fields[name]?.component === 0;
}

function checkOutput(name: string, fields: Fields): void {
  if (fields[name] === undefined || isOutput(name, fields)) {
    findField(name, fields, 'output');
    return;
  }
  throw new ArgumentError(`"${name}" among the outputs is part of the state`, {
    value: name,
    hint: `Functions find it in their tables without asking: state.${name}`,
  });
}

function checkParameter(name: string, model: MujocoModel): void {
  if (model.fieldShape(name).type === 'float64') return;
  throw new ArgumentError(`model field "${name}" is no array of doubles`, {
    value: name,
    expected: 'such as body_mass',
  });
}

function countColumns(column: string | ColumnSource, fields: Fields): number {
  const { name, first = 0, count } = typeof column === 'string' ? { name: column } : column;
  const { type, rows, columns } = findField(name, fields, 'column to gather');
  if (type !== 'float64') throw new ArgumentError(`"${name}" is no array of doubles`, { value: name });
  const width = rows * columns;
  checkInteger(`first column of "${name}"`, first, 0, width - 1);
  return checkInteger(`columns of "${name}"`, count ?? width - first, 1, width - first);
}
