import { join } from 'node:path';
import {
  box,
  defineMujocoEnv,
  type EnvSettings,
  type MujocoEnvFactory,
  type MujocoEnvSource,
  type MujocoFunctions,
  MujocoModel,
  packageRoot,
  resolveSettings,
} from '../../src/index.js';
import { type Draws, drawsOf } from './draws.js';
import { checkChoice, checkRanges, checkSeeding } from './settings.js';

/** Settings of every task here. */
interface CommonSettings extends EnvSettings {
  /** Another robot: an MJCF file; '' is the task's own. Sizes, time step and control ranges are those of the file. */
  readonly xmlFile: string;
  /** Calls of the simulator a step. */
  readonly frameSkip: number;
  readonly maxEpisodeSteps: number;
  /** `normalised`: ±1 are the ends of the control ranges. `control`: Gymnasium's action space. */
  readonly actions: string;
  /** `keys`: start states are drawn from the library's keys. `numpy`: as Gymnasium draws them, see `seedKeys`. */
  readonly seeding: string;
}

/** What of a model decides the sizes of observations and actions. */
export interface ModelShape {
  readonly nq: number;
  readonly nv: number;
  readonly nbody: number;
  /** Lower and upper bound of each control. */
  readonly controls: readonly (readonly [number, number])[];
  /** Seconds. */
  readonly timestep: number;
}

/** What a task does with its model, its settings checked. */
export interface TaskParts extends Pick<MujocoEnvSource, 'gather' | 'outputs' | 'memory'> {
  readonly observation: number;
  /** Draws the start state into positions and velocities, which arrive at the model's defaults. */
  start(qpos: Float64Array, qvel: Float64Array, draws: Draws): void;
  functions(model: MujocoModel): Omit<MujocoFunctions, 'start'>;
}

/** One of Gymnasium's tasks on MuJoCo models. */
export interface Task<Options extends EnvSettings> {
  readonly id: string;
  /** File in `models`, without its ending. */
  readonly model: string;
  readonly shape: ModelShape;
  readonly frameSkip: number;
  readonly maxEpisodeSteps: number;
  /** Its own settings and their defaults; Gymnasium's names in camel case. */
  readonly options: Options;
  /** @param seconds that a step takes */
  create(options: Options, shape: ModelShape, seconds: number): TaskParts;
}

/** The definition of a task, for `registerEnv`. */
export function taskDefinition<Options extends EnvSettings>(
  task: Task<Options>,
): (settings?: EnvSettings) => MujocoEnvFactory {
  const { id, model, frameSkip, maxEpisodeSteps } = task;
  const common: CommonSettings = { xmlFile: '', frameSkip, maxEpisodeSteps, actions: 'normalised', seeding: 'keys' };
  return (settings) => {
    const options = resolveSettings(id, { ...task.options, ...common } as Options & CommonSettings, settings);
    checkChoice(id, 'actions', options.actions, ['normalised', 'control']);
    checkSeeding(id, options.seeding);
    checkRanges(id, options);
    // The file is part of the identity by what is in it.
    const { xmlFile, ...rest } = options;
    const { frameSkip: substeps } = options;
    const shape = xmlFile === '' ? task.shape : shapeOf(xmlFile);
    const secondsPerStep = shape.timestep * substeps;
    const { start, functions, ...parts } = task.create(options, shape, secondsPerStep);
    return defineMujocoEnv({
      id,
      model: { file: xmlFile === '' ? join(packageRoot(), 'envs', 'gymnasium', 'models', `${model}.xml`) : xmlFile },
      parameters: { options: rest, revision: 1 },
      actuators: shape.controls.length,
      ...(options.actions === 'control' ? { action: controlSpace(shape) } : {}),
      substeps,
      secondsPerStep,
      maxEpisodeSteps: options.maxEpisodeSteps,
      ...parts,
      functions: (loaded) => ({
        ...functions(loaded),
        start: (qpos, qvel, draw, { key }) => start(qpos, qvel, drawsOf(options.seeding, draw, key)),
      }),
    });
  };
}

function controlSpace({ controls }: ModelShape) {
  const bounds = (end: 0 | 1) => controls.map((range) => range[end]);
  return box([controls.length], bounds(0), bounds(1));
}

/** The shape of somebody's own robot. */
function shapeOf(file: string): ModelShape {
  const model = MujocoModel.fromFile(file);
  try {
    const { nq, nv, nbody, nu } = model.sizes as Record<'nq' | 'nv' | 'nbody' | 'nu', number>;
    const range = model.field('actuator_ctrlrange');
    const controls = Array.from({ length: nu }, (_, i) => [range[2 * i], range[2 * i + 1]] as const);
    return { nq, nv, nbody, controls, timestep: model.timestep };
  } finally {
    model.close();
  }
}

/** Controls of one range. */
export function equalControls(count: number, bound: number): ModelShape['controls'] {
  return Array.from({ length: count }, () => [-bound, bound] as const);
}

/** Adds U(-s, s) to each element. */
export function addUniform(values: Float64Array, scale: number, draws: Draws): void {
  for (let i = 0; i < values.length; i++) values[i] += draws.uniform(-scale, scale);
}

/** Adds s · N(0, 1) to each element. */
export function addNormal(values: Float64Array, scale: number, draws: Draws): void {
  for (let i = 0; i < values.length; i++) values[i] += scale * draws.normal();
}

/** Clips a row's elements first … end - 1 in place. */
export function clipRow(row: Float32Array, first: number, end: number, low: number, high: number): void {
  for (let i = first; i < end; i++) row[i] = Math.min(high, Math.max(low, row[i]));
}
