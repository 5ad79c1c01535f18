import { describeValue } from '../../base/describe.js';
import { ArgumentError, NotFoundError } from '../../base/errors.js';
import type { EngineOptions, PolicyEngine, PolicySpec } from '../types.js';
import { NativeEngine } from './native.js';
import { ReferenceEngine } from './reference.js';

/** Engines by name. */
const engines: Readonly<Record<string, (spec: PolicySpec, options: EngineOptions) => Promise<PolicyEngine>>> = {
  native: async (spec, options) => new NativeEngine(spec, options),
  reference: async (spec) => new ReferenceEngine(spec),
  tfjs: async (spec) => (await import('./tfjs/engine.js')).TfjsEngine.create(spec),
};

/** Names `createEngine` answers to. */
export const engineNames: readonly string[] = Object.keys(engines);

/**
 * Makes a policy engine; θ is all zeros until `setParameters`.
 * @param name `native` (default), `reference`, `tfjs` (the best backend installed) or `tfjs:<backend>`
 */
export async function createEngine(
  spec: PolicySpec,
  name = 'native',
  options: EngineOptions = {},
): Promise<PolicyEngine> {
  if (typeof name !== 'string') {
    throw new ArgumentError(`engine: ${describeValue(name)}`, {
      value: name,
      expected: `one of ${engineNames.join(', ')}`,
    });
  }
  if (name.startsWith('tfjs:')) return (await import('./tfjs/engine.js')).TfjsEngine.create(spec, name.slice(5));
  const make = Object.hasOwn(engines, name) ? engines[name] : undefined;
  if (make === undefined) throw new NotFoundError('engine', name, engineNames);
  return make(spec, options);
}
