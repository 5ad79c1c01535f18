/**
 * `trellis-rl/cli`: the command line as a library, for a program of one's own with commands or presets added, and the
 * parts that its commands are made of. Importing it is cheap: what the commands need is loaded when they run.
 */
export { collect, nonNegativeInteger, path, paths, positiveInteger, positiveNumber } from './arguments.js';
export { interruptible } from './interrupt.js';
export type { CommandLineOptions } from './program.js';
export { makeProgram, runCommandLine } from './program.js';
export type { ReproduceTarget, Reproduction } from './reproduce.js';
export { reproduceCommand } from './reproduce.js';
export { refuseFailed, trainCells } from './reproduce-cells.js';
export type { ReproduceOptions } from './reproduce-options.js';
