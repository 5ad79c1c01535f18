import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MujocoEnvSource, packageRoot } from '../../src/index.js';

/** The text of a model file of this package. */
export function modelText(name: string): string {
  return readFileSync(join(packageRoot(), 'envs', 'mujoco', 'models', `${name}.xml`), 'utf8');
}

/** Armature (kg m²) and damping (N m s) of a robot's hinges, but for the root's: the two numbers nobody wrote down. */
export interface Joints {
  readonly armature: number;
  readonly damping: number;
}

/**
 * A robot's model with these joints. MJCF's own rule puts them in: a later `<default>` overrides an earlier one, and the
 * root's joints name their numbers themselves.
 * @param own what its file has: then the model is the file's text, which is part of the environment's identity
 * @param xml its file's text, or a variant of it
 */
export function robotModel(
  name: string,
  { armature, damping }: Joints,
  own: Joints,
  xml: string = modelText(name),
): MujocoEnvSource['model'] {
  if (armature === own.armature && damping === own.damping) return { xml };
  const joints = `<default><joint armature="${armature}" damping="${damping}"/></default>`;
  const file = `${name}.xml`;
  return { xml: `<mujoco model="${name}"><include file="${file}"/>${joints}</mujoco>`, assets: { [file]: xml } };
}
