import { readFileSync, statSync } from 'node:fs';
import { ArgumentError, ModelError } from '../base/errors.js';
import { checkMemory } from '../base/memory.js';
import { parseOptions } from '../base/options.js';
import { MujocoBatch } from '../native/mujoco-batch.js';
import { MujocoModel } from '../native/mujoco-model.js';
import { checkSlotCount } from '../native/slots.js';
import { checkMakeOptions } from './make-options.js';
import { MujocoBackend } from './mujoco-backend.js';
import { checkAgainstModel } from './mujoco-check.js';
import { type MujocoEnvSource, mujocoSourceSchema } from './mujoco-source.js';
import { identityHash } from './snapshot.js';
import { nameOf, observationOf } from './source-schema.js';
import { box, checkSpace, spaceSize } from './spaces.js';
import type { BoxSpace, EnvFactory, EnvSpec } from './types.js';
import { makeVectorEnv } from './vector-env.js';

export type {
  MujocoEnvSource,
  MujocoFunctions,
  MujocoStart,
  MujocoTables,
  PortableFunctions,
  Rows,
  SlotFunction,
} from './mujoco-source.js';

/** A factory of environments on a MuJoCo model, which drawings and tools may look at. */
export interface MujocoEnvFactory extends EnvFactory {
  /** The model, loaded at the first use. Shared: do not close it. */
  model(): MujocoModel;
  /** The definition, as it was checked. */
  readonly source: MujocoEnvSource;
}

/** Whether an environment stands on a MuJoCo model; its snapshots' part `state` then holds MujocoBatch state rows. */
export function isMujocoEnv(env: EnvFactory): env is MujocoEnvFactory {
  return 'model' in env && typeof env.model === 'function';
}

/**
 * An environment from an MJCF model and a few functions over the whole batch. Episode lengths, truncation, frozen
 * slots, snapshots, keys, normalised actions and argument checks come with it. A slot whose simulation diverges, or in
 * which the engine reports an error, has its episode terminated with reward 0 and its last observation, and is counted.
 * @throws ArgumentError, NotFoundError for what is no definition; at `make` (or whatever loads the model first) ModelError
 *   for a malformed model and for all that it does not have as the source says
 */
export function defineMujocoEnv(given: MujocoEnvSource): MujocoEnvFactory {
  const checked = parseOptions(mujocoSourceSchema, given, `the definition of ${nameOf(given)}`);
  // What was checked goes on; functions stay the definition's own, which may be an object with a state.
  const source = { ...checked, functions: (model: MujocoModel) => given.functions(model) } as MujocoEnvSource;
  const { id, maxEpisodeSteps, secondsPerStep } = source;
  const { observationSpace, observationScaling } = observationOf(source);
  if (observationSpace.dtype !== 'float32') {
    throw new ArgumentError(`observations of "${id}" are ${observationSpace.dtype}`, {
      value: observationSpace.dtype,
      expected: 'float32: states and outputs are numbers',
    });
  }
  const text = 'xml' in source.model ? source.model.xml : readModel(source.model.file);
  let loaded: MujocoModel | undefined;
  const model = () => (loaded ??= loadModel(source, spaceSize(observationSpace)));
  let hash: string | undefined;
  const spec: EnvSpec = {
    id,
    observationSpace,
    actionSpace: actionSpaceOf(source),
    maxEpisodeSteps,
    observationScaling,
    get modelHash() {
      hash ??= hashOf(source, text, model);
      return hash;
    },
    secondsPerStep,
  };
  return {
    spec,
    model,
    source,
    make(slots, options = {}) {
      checkMakeOptions(id, options);
      checkSlotCount(slots);
      const { persistent = false, fast = false, kernel, memory = {} } = source;
      const numbers = Object.values(memory).reduce((sum, count) => sum + count, 0);
      checkMemory(`memory of ${slots} slots of "${id}"`, slots * (8 * numbers + 4 * spaceSize(observationSpace)));
      const batch = new MujocoBatch(model(), {
        slots,
        persistent,
        fast,
        ...(kernel === undefined ? {} : { kernel }),
        ...options,
      });
      try {
        const backend = new MujocoBackend(source, spaceSize(observationSpace), batch);
        return makeVectorEnv(spec, slots, backend, source.nonFinite);
      } catch (error) {
        batch.close();
        throw error;
      }
    },
  };
}

/**
 * The identity of an environment. Where a model is whole in its text, that is it, the same on every machine. One that
 * names files may change with them: then it is the compiled model, which the addon is needed for.
 */
function hashOf(source: MujocoEnvSource, text: string, model: () => MujocoModel): string {
  const { id, parameters = {}, maxEpisodeSteps, substeps = 1, stage = 'none', keyframe, slotParameters } = source;
  const content = /file|include|plugin|<model/i.test(text) ? model().hash : text;
  const rest = { ...(stage === 'none' ? {} : { stage }), keyframe, slotParameters, jacobian: source.model.jacobian };
  const others = JSON.stringify(rest) === '{}' ? [] : [rest];
  return identityHash(id, parameters, maxEpisodeSteps, substeps, content, ...others);
}

/** Normalised actions, or the source's controls. */
function actionSpaceOf({ id, actuators, action }: MujocoEnvSource): BoxSpace {
  if (action === undefined) return box([actuators], -1, 1);
  const space = checkSpace(`the action of "${id}"`, action);
  if (space.dtype === 'float32' && spaceSize(space) === actuators) return space;
  throw new ArgumentError(`the action of "${id}" has ${spaceSize(space)} elements, ${space.dtype}`, {
    value: action,
    expected: `a box of ${actuators} elements, one per actuator, float32`,
  });
}

/** A model file's text, once it is known to be a file: a pipe would be read for ever. */
function readModel(file: string): string {
  try {
    if (!statSync(file).isFile()) throw new ModelError(`${file} is no file`, { value: file, expected: 'an MJCF file' });
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(`cannot read the model ${file}`, { value: file, expected: 'a readable MJCF file', cause });
  }
}

function loadModel(source: MujocoEnvSource, observationSize: number): MujocoModel {
  const { model: from } = source;
  let model: MujocoModel;
  if ('xml' in from) {
    const { xml, ...options } = from;
    model = MujocoModel.fromXml(xml, options);
  } else {
    const { file, ...options } = from;
    model = MujocoModel.fromFile(file, options);
  }
  checkAgainstModel(source, model, observationSize);
  return model;
}
