import { join } from 'node:path';
import { readBounded } from '../base/bounded-read.js';
import { describeValue } from '../base/describe.js';
import { ArgumentError, RunDirectoryError } from '../base/errors.js';
import { checkPath, writeAllAtomic } from '../base/files.js';
import { isObject } from '../base/kinds.js';
import { checkArray } from '../native/arrays.js';
import { policyLayout } from './policy-layout.js';
import { encodeSafetensors } from './safetensors.js';
import { decodePolicy, encodePolicySpec, FORMAT_VERSION, namedParameters, type StoredPolicy } from './stored.js';

export type { StoredPolicy } from './stored.js';

/** @throws ArgumentError unless it is an object, as a policy on disk or in memory is */
export function checkStored(policy: unknown): void {
  if (isObject(policy)) return;
  throw new ArgumentError(`policy: ${describeValue(policy)}`, {
    value: policy,
    expected: 'an object of spec and theta',
  });
}

/** A run has the policy of its last iteration and, where policies are evaluated while they are trained, the best. */
export type PolicyName = 'policy' | 'best-policy';

/**
 * Writes `policy.json` and `policy.safetensors` into a folder, which is made if need be.
 * @param name of the two files
 */
export async function savePolicy(
  directory: string,
  policy: Omit<StoredPolicy, 'metadata'> & Partial<StoredPolicy>,
  name: PolicyName = 'policy',
): Promise<void> {
  checkPath('directory of a policy', directory);
  checkStored(policy);
  const { parameterCount } = policyLayout(policy.spec).network;
  checkArray('θ', policy.theta, 'Float32Array', parameterCount, { exact: true, shared: true });
  await writeAllAtomic(directory, {
    [`${name}.safetensors`]: encodeSafetensors(namedParameters(policy.spec.network, policy.theta)),
    [`${name}.json`]: encodePolicySpec(policy.spec, policy.metadata),
  });
}

/** Reads what `savePolicy` wrote under that name. @throws RunDirectoryError if the files are missing, damaged or of another version */
export async function readPolicy(directory: string, name: PolicyName = 'policy'): Promise<StoredPolicy> {
  const path = join(checkPath('directory of a policy', directory), `${name}.json`);
  try {
    const text = readBounded(path).toString('utf8');
    const stored = decodePolicy(text, readBounded(join(directory, `${name}.safetensors`)));
    return { ...stored, spec: policyLayout(stored.spec).spec };
  } catch (cause) {
    throw new RunDirectoryError(`no readable policy in ${directory}: ${(cause as Error).message}`, {
      value: directory,
      expected: `${name}.json (version 1 or ${FORMAT_VERSION}) and ${name}.safetensors`,
      hint: `Where a run with a checkpoint lost its policy, resume("${directory}") writes it again`,
      cause,
    });
  }
}
