import { isDeepStrictEqual } from 'node:util';
import { ArgumentError, RunDirectoryError } from '../base/errors.js';
import { sha256 } from '../base/sha256.js';
import { initialisersOf } from '../network/initial-weights.js';
import { initialPolicyParameters, policyLayout } from '../policy/policy-layout.js';
import { readPolicy } from '../policy/storage.js';
import type { PolicySpec } from '../policy/types.js';
import type { RunConfig } from './config.js';

/** The configuration with a note of which policy `policy.from` is now. @throws RunDirectoryError if there is none */
export async function noteFirstPolicy(config: RunConfig): Promise<RunConfig> {
  const { from } = config.policy;
  if (from === undefined) return config;
  const { theta } = await readPolicy(from);
  return { ...config, policy: { ...config.policy, fromSha256: hashOf(theta) } };
}

/**
 * θ to start from: of the stored policy that `policy.from` names, or drawn.
 * @throws RunDirectoryError if there is no such policy (any more), ArgumentError if it is none of this kind
 */
export async function firstParameters(
  { policy: settings, seed }: RunConfig,
  policy: PolicySpec,
): Promise<Float32Array> {
  const { from, fromSha256, initialStd, initialWeights, outputNorm } = settings;
  if (from === undefined) {
    const initialisers = initialisersOf(initialWeights, outputNorm);
    return initialPolicyParameters(policy, seed, { ...initialisers, standardDeviation: initialStd });
  }
  const { spec, theta } = await readPolicy(from);
  const wanted = policyLayout(policy).spec;
  if (!isDeepStrictEqual(comparable(spec), comparable(wanted))) {
    throw new ArgumentError(`the policy in ${from} is another kind than this run's`, {
      value: from,
      expected: 'the same network, input scaling and distribution',
      hint: 'Give this run the policy settings (policy.hidden, …) of the run it starts from',
    });
  }
  if (fromSha256 !== undefined && hashOf(theta) !== fromSha256) {
    throw new RunDirectoryError(`the policy in ${from} is not the one that this run began with`, {
      value: from,
      expected: `θ with the SHA-256 ${fromSha256}`,
      hint: 'Restore it, or begin the run anew',
    });
  }
  return theta;
}

function hashOf(theta: Float32Array): string {
  return sha256(new Uint8Array(theta.buffer, theta.byteOffset, theta.byteLength));
}

/** As JSON has it: typed arrays of a scaling and missing keys do not tell apart what is the same. */
function comparable(spec: PolicySpec): unknown {
  return JSON.parse(
    JSON.stringify(spec, (_, value) => (ArrayBuffer.isView(value) ? [...(value as Float32Array)] : value)),
  );
}
