import { registerEnv } from '../src/env/registry.js';
import { cartpole } from './classic/cartpole.js';

// The only place that fills the registry.
registerEnv('cartpole', cartpole);
