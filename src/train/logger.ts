import type { TrainCallbacks } from './callbacks.js';

/** Callbacks with a name: one run's. */
export interface Logger extends TrainCallbacks {
  /** In messages */
  readonly name: string;
}

/** A kind of logger that `--logger` and `train` know by its name. */
export interface LoggerDefinition {
  /** Letters, digits, "-" and "_". */
  readonly name: string;
  /** One line for `trellis list`. */
  readonly summary: string;
  /** Makes that of one run. */
  create(): TrainCallbacks;
}
