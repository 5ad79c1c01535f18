import { ArgumentError } from '../base/errors.js';
import { isMujocoEnv } from '../env/define-mujoco-env.js';
import type { Drawer, EnvFactory } from '../env/types.js';
import { mujocoDrawer } from './draw-mujoco.js';

/** Whether `makeDrawer` can draw the environment. */
export function canDraw(env: EnvFactory): boolean {
  return env.drawer !== undefined || isMujocoEnv(env);
}

/**
 * The drawer of an environment: its own, or that of any MuJoCo model (seen from the side, or from above where its hinges
 * are vertical).
 * @throws ArgumentError for an environment, or a model, with nothing to draw
 */
export function makeDrawer(env: EnvFactory): Drawer {
  if (env.drawer !== undefined) return env.drawer();
  if (isMujocoEnv(env)) return mujocoDrawer(env.model());
  throw new ArgumentError(`"${env.spec.id}" has nothing to draw`, {
    value: env.spec.id,
    expected: 'an environment with a drawer (see defineEnv) or on a MuJoCo model, or a game',
  });
}
