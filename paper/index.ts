/** `trellis-rl/paper`: the paper's presets, its theory as runnable code, the cells of its figures and tables. */
export * from './cells/atari.js';
export * from './cells/figure4.js';
export { registerPaper } from './presets/index.js';
export * as theory from './theory/index.js';
