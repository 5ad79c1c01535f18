import { registerEnv } from '../src/env/registry.js';
import { cartpole } from './classic/cartpole.js';
import { hopper } from './mujoco/hopper.js';
import { swimmer } from './mujoco/swimmer.js';
import { walker } from './mujoco/walker.js';

// The only place that fills the registry.
registerEnv('cartpole', cartpole);
registerEnv('swimmer', swimmer);
registerEnv('hopper', hopper);
registerEnv('walker', walker);
