import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isObject } from '../base/kinds.js';
import { checkSeed } from '../base/random.js';
import { checkArray } from '../native/arrays.js';
import { checkInteger } from '../native/slots.js';
import type { AlgorithmContext } from './types.js';

/** @throws ArgumentError naming what is missing of an algorithm's context, or is of another kind */
export function checkContext(context: AlgorithmContext): AlgorithmContext {
  checkObject('the context of an algorithm', context);
  for (const key of ['env', 'policy', 'engine', 'distribution'] as const) {
    checkObject(`the context of an algorithm: ${key}`, context[key]);
  }
  const { initialTheta, engine, seed, threads } = context;
  checkArray('initialTheta', initialTheta, 'Float32Array', engine.parameterCount, {
    exact: true,
    shared: true,
  });
  checkSeed(seed);
  if (threads !== undefined) checkInteger('threads', threads, 1, 1024);
  return context;
}

function checkObject(what: string, value: unknown): void {
  if (isObject(value)) return;
  throw new ArgumentError(`${what} is ${describeValue(value)}`, { value, expected: 'an object' });
}
