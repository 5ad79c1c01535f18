import { NotFoundError } from '../../base/errors.js';
import type { EngineOptions, PolicyEngine, PolicySpec } from '../types.js';
import { ReferenceEngine } from './reference.js';

/** Engines by name; each is loaded only when asked for. */
const engines: Readonly<Record<string, (spec: PolicySpec, options: EngineOptions) => Promise<PolicyEngine>>> = {
  reference: async (spec) => new ReferenceEngine(spec),
};

/** Names `createEngine` answers to. */
export const engineNames: readonly string[] = Object.keys(engines);

/**
 * Makes a policy engine; θ is all zeros until `setParameters`.
 * @param name `native` (default), `reference`
 */
export async function createEngine(
  spec: PolicySpec,
  name = 'native',
  options: EngineOptions = {},
): Promise<PolicyEngine> {
  const make = Object.hasOwn(engines, name) ? engines[name] : undefined;
  if (make === undefined) throw new NotFoundError('engine', name, engineNames);
  return make(spec, options);
}
