import { readFileSync } from 'node:fs';
import { ModelError } from '../base/errors.js';
import { MujocoModel } from '../native/mujoco-model.js';
import { checkEpisodeSteps } from './define-env.js';
import { MujocoBackend } from './mujoco-backend.js';
import type { MujocoEnvSource } from './mujoco-source.js';
import { checkSlotCount } from './slots.js';
import { identityHash } from './snapshot.js';
import { box } from './spaces.js';
import type { EnvFactory, EnvSpec } from './types.js';
import { makeVectorEnv } from './vector-env.js';

export type { MujocoEnvSource, MujocoFunctions, MujocoTables, Rows, SlotFunction } from './mujoco-source.js';

/** A factory of environments on a MuJoCo model, which drawings and tools may look at. */
export interface MujocoEnvFactory extends EnvFactory {
  /** The model, loaded at the first use. Shared: do not close it. */
  model(): MujocoModel;
}

/** Whether an environment stands on a MuJoCo model; its snapshots' part `state` then holds MujocoBatch state rows. */
export function isMujocoEnv(env: EnvFactory): env is MujocoEnvFactory {
  return 'model' in env && typeof env.model === 'function';
}

/**
 * An environment from an MJCF model and a few functions over the whole batch. Episode lengths, truncation, frozen
 * slots, snapshots, keys, normalised actions and argument checks come with it. A slot whose simulation diverges, or in
 * which the engine reports an error, has its episode terminated with reward 0 and its last observation, and is counted.
 * @throws ModelError at `make` if the model is malformed or does not have what the source says
 */
export function defineMujocoEnv(source: MujocoEnvSource): MujocoEnvFactory {
  const observationSpace = typeof source.observation === 'number' ? box([source.observation]) : source.observation;
  const { id, actuators, maxEpisodeSteps, secondsPerStep } = source;
  const text = 'xml' in source.model ? source.model.xml : readModel(source.model.file);
  const spec: EnvSpec = {
    id,
    observationSpace,
    actionSpace: box([actuators], -1, 1),
    maxEpisodeSteps: checkEpisodeSteps(maxEpisodeSteps),
    observationScaling: source.observationScaling ?? null,
    modelHash: identityHash(id, source.parameters ?? {}, maxEpisodeSteps, source.substeps ?? 1, text),
    secondsPerStep,
  };
  let loaded: MujocoModel | undefined;
  const model = () => (loaded ??= loadModel(source));
  return {
    spec,
    model,
    make(slots, options = {}) {
      checkSlotCount(slots);
      return makeVectorEnv(spec, slots, new MujocoBackend(source, spec, model(), slots, options));
    },
  };
}

function readModel(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ModelError(`cannot read the model ${file}`, { value: file, expected: 'a readable MJCF file', cause });
  }
}

function loadModel(source: MujocoEnvSource): MujocoModel {
  const model = 'xml' in source.model ? MujocoModel.fromXml(source.model.xml) : MujocoModel.fromFile(source.model.file);
  const actuators = model.sizes.nu!;
  if (actuators !== source.actuators) {
    throw new ModelError(`the model of "${source.id}" has ${actuators} controls`, {
      value: actuators,
      expected: `${source.actuators}, as its definition says`,
    });
  }
  const seconds = model.timestep * (source.substeps ?? 1);
  if (Math.abs(seconds - source.secondsPerStep) > 1e-9) {
    throw new ModelError(`a step of "${source.id}" takes ${seconds} s`, {
      value: seconds,
      expected: `${source.secondsPerStep} s, as its definition says`,
    });
  }
  return model;
}
