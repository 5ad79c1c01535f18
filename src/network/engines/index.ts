import { describeValue } from '../../base/describe.js';
import { ArgumentError, NotFoundError } from '../../base/errors.js';
import type { EngineOptions, NetworkEngine, NetworkSpec } from '../types.js';
import { NativeEngine } from './native.js';
import { ReferenceEngine } from './reference.js';

/**
 * Makes an engine for a network.
 * @param variant what follows the colon in `name:variant`; undefined where there is none
 */
export type EngineMaker = (
  spec: NetworkSpec,
  options: EngineOptions,
  variant: string | undefined,
) => Promise<NetworkEngine>;

const engines = new Map<string, EngineMaker>();

/**
 * Adds an engine under a name that `createEngine`, configurations and `--engine` then answer to. What an engine must do
 * is in its conformance suite, test/network/conformance.ts.
 * @throws ArgumentError if the name is taken or has a colon in it
 */
export function registerEngine(name: string, make: EngineMaker): void {
  if (!/^[\w-]+$/.test(name)) {
    throw new ArgumentError(`engine name "${name}"`, { value: name, expected: 'letters, digits, "-" and "_"' });
  }
  if (engines.has(name)) {
    throw new ArgumentError(`an engine "${name}" is registered already`, { value: name, expected: 'another name' });
  }
  engines.set(name, make);
}

/** Names `createEngine` answers to. */
export function listEngines(): string[] {
  return [...engines.keys()];
}

/**
 * Makes a network engine; θ is all zeros until `setTheta`.
 * @param name `native` (default), `reference`, `tfjs` (the best backend installed), `tfjs:<backend>`, or one that was
 * registered
 */
export async function createEngine(
  spec: NetworkSpec,
  name = 'native',
  options: EngineOptions = {},
): Promise<NetworkEngine> {
  if (typeof name !== 'string') throw new NotFoundError('engine', describeValue(name), engines.keys());
  const [base, variant] = split(name);
  const make = engines.get(base);
  if (make === undefined) throw new NotFoundError('engine', name, engines.keys());
  return make(spec, options, variant);
}

function split(name: string): [string, string | undefined] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
}

function withoutVariant(name: string, make: (spec: NetworkSpec, options: EngineOptions) => NetworkEngine): EngineMaker {
  return async (spec, options, variant) => {
    if (variant !== undefined) throw new NotFoundError('engine', `${name}:${variant}`, engines.keys());
    return make(spec, options);
  };
}

registerEngine(
  'native',
  withoutVariant('native', (spec, options) => new NativeEngine(spec, options)),
);
registerEngine(
  'reference',
  withoutVariant('reference', (spec) => new ReferenceEngine(spec)),
);
registerEngine('tfjs', async (spec, _, variant) => (await import('./tfjs/engine.js')).TfjsEngine.create(spec, variant));
