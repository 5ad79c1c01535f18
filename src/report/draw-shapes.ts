import { ArgumentError } from '../base/errors.js';
import { isMujocoEnv } from '../env/define-mujoco-env.js';
import type { EnvFactory } from '../env/types.js';
import { mujocoDrawer } from './draw-mujoco.js';
import type { Drawer } from './drawer.js';

/** Whether `makeDrawer` knows the environment. */
export function canDraw(env: EnvFactory): boolean {
  return isMujocoEnv(env) || env.spec.id === 'cartpole';
}

/**
 * The drawer of an environment: any MuJoCo model (seen from the side, or from above where its hinges are vertical), and
 * the cart-pole.
 * @throws ArgumentError for an environment, or a model, with nothing to draw
 */
export function makeDrawer(env: EnvFactory): Drawer {
  if (isMujocoEnv(env)) return mujocoDrawer(env.model());
  if (env.spec.id === 'cartpole') return cartpoleDrawer();
  throw new ArgumentError(`"${env.spec.id}" has nothing to draw`, {
    value: env.spec.id,
    expected: 'an environment on a MuJoCo model, the cart-pole, or a game',
  });
}

/** Cart 0.5 m × 0.3 m, wheels, and the pole in its length of 1 m. State: x, velocity, angle, angular velocity. */
function cartpoleDrawer(): Drawer {
  const cart = [70, 110, 160] as const;
  const wheel = [60, 60, 60] as const;
  const height = 0.3;
  return {
    shapes: [
      { kind: 'bar', radius: 0.08, cap: 'round', color: wheel },
      { kind: 'bar', radius: 0.08, cap: 'round', color: wheel },
      { kind: 'bar', radius: 0.13, cap: 'flat', color: cart },
      { kind: 'bar', radius: 0.04, cap: 'round', color: [200, 120, 60] },
      { kind: 'bar', radius: 0.05, cap: 'round', color: wheel },
    ],
    view: [-0.4, 2],
    ground: 0,
    pose(env, out, at) {
      const [x, , angle] = env.readState!(0) as Float64Array as unknown as [number, number, number, number];
      const tip = [x + Math.sin(angle), height + Math.cos(angle)] as const;
      const wheels = [x - 0.15, 0.08, x - 0.15, 0.08, x + 0.15, 0.08, x + 0.15, 0.08];
      out.set([...wheels, x - 0.25, 0.25, x + 0.25, 0.25, x, height, ...tip, x, height, x, height], at);
      return 0;
    },
    close() {},
  };
}
