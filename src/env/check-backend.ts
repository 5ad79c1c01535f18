import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import type { EnvBackend } from './backend.js';
import { isSpec } from './check-factory.js';
import type { SnapshotPart } from './snapshot-parts.js';
import { spaceSize } from './spaces.js';
import type { EnvSpec } from './types.js';

const METHODS = ['start', 'step', 'save', 'load', 'readState', 'close'] as const;
const TYPES = ['Float64Array', 'Float32Array', 'Int32Array', 'Uint32Array', 'Uint8Array'];

/**
 * What `makeVectorEnv` is given, checked once: afterwards it is trusted at every step.
 * @param taken names of snapshot parts that are not the backend's
 * @throws ArgumentError naming what is missing or of another size
 */
export function checkBackend(spec: EnvSpec, slots: number, backend: EnvBackend, taken: readonly string[]): void {
  if (!isSpec(spec))
    throw new ArgumentError('specification of an environment', { value: spec, expected: 'an EnvSpec' });
  if (typeof backend !== 'object' || backend === null) {
    throw new ArgumentError(`the backend of "${spec.id}" is ${describeValue(backend)}`, { value: backend });
  }
  const missing = METHODS.filter((name) => typeof backend[name] !== 'function');
  if (missing.length > 0) {
    throw new ArgumentError(`the backend of "${spec.id}" has no ${missing.join(', ')}`, {
      value: backend,
      expected: `an EnvBackend: the functions ${METHODS.join(', ')}`,
    });
  }
  const { observations, parts } = backend;
  const type = spec.observationSpace.dtype === 'uint8' ? Uint8Array : Float32Array;
  const length = slots * spaceSize(spec.observationSpace);
  if (!(observations instanceof type) || observations.length !== length) {
    throw new ArgumentError(`observations of the backend of "${spec.id}": ${describeValue(observations)}`, {
      value: observations,
      expected: `a ${type.name} of ${slots} rows, ${length} elements`,
    });
  }
  if (!Array.isArray(parts)) {
    throw new ArgumentError(`parts of the backend of "${spec.id}"`, {
      value: parts,
      expected: 'a list of SnapshotPart',
    });
  }
  const names = new Set(taken);
  for (const part of parts as SnapshotPart[]) {
    const wide = part?.width === 'bounded' || (Number.isInteger(part?.width) && (part.width as number) >= 0);
    if (
      typeof part?.name !== 'string' ||
      part.name === '' ||
      names.has(part.name) ||
      !TYPES.includes(part.type) ||
      !wide
    )
      throw new ArgumentError(`a snapshot part of the backend of "${spec.id}": ${JSON.stringify(part)}`, {
        value: part,
        expected: `a name of its own (not ${[...names].join(', ')}), one of ${TYPES.join(', ')}, and the width of a row`,
      });
    names.add(part.name);
  }
}
