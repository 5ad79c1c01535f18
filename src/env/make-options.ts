import { checkKnownKeys } from '../base/options.js';
import { checkInteger } from '../native/slots.js';
import type { EnvOptions } from './types.js';

/** The second argument of `EnvFactory.make`. */
export function checkMakeOptions(id: string, options: EnvOptions = {}): void {
  checkKnownKeys(`options of an environment "${id}"`, options, ['threads']);
  if (options.threads !== undefined) checkInteger('threads', options.threads, 1, 1024);
}
