import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import type { VectorEnv } from '../env/types.js';

/** @throws ArgumentError unless it is a function */
export function checkFunction<T>(what: string, value: T): T {
  if (typeof value === 'function') return value;
  throw new ArgumentError(`${what} is ${describeValue(value)}`, { value, expected: 'a function' });
}

/** @throws ArgumentError unless it looks like an environment */
export function checkEnv(env: VectorEnv): VectorEnv {
  if (typeof env?.step === 'function' && env.slots > 0 && ArrayBuffer.isView(env.observations)) return env;
  throw new ArgumentError(`the environment is ${describeValue(env)}`, {
    value: env,
    expected: 'a VectorEnv, as an EnvFactory makes',
  });
}
