import { atariTarget } from './atari-target.js';
import { envTarget } from './env-target.js';
import { mujocoTarget } from './mujoco-target.js';
import { policyTarget } from './policy-target.js';
import { restTarget } from './rest-target.js';
import type { MakeTarget } from './target.js';
import { workerTarget } from './worker-target.js';

/** All that random calls are made on, by name. */
export const targets: Readonly<Record<string, MakeTarget>> = {
  policy: policyTarget,
  mujoco: mujocoTarget,
  atari: atariTarget,
  env: envTarget,
  rest: restTarget,
  workers: workerTarget,
};
