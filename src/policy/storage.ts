import { join } from 'node:path';
import { z } from 'zod';
import { readBounded } from '../base/bounded-read.js';
import { describeValue } from '../base/describe.js';
import { ArgumentError, RunDirectoryError } from '../base/errors.js';
import { checkPath, writeAllAtomic } from '../base/files.js';
import { isObject } from '../base/kinds.js';
import { openSealed, sealJson } from '../base/sealed.js';
import { checkArray } from '../native/arrays.js';
import { type LayerLayout, networkLayout } from '../network/layout.js';
import type { NetworkSpec } from '../network/types.js';
import { policyLayout } from './policy-layout.js';
import { decodeSafetensors, encodeSafetensors, type Tensor } from './safetensors.js';
import type { PolicySpec } from './types.js';

/** A policy as it lies on disk. */
export interface StoredPolicy {
  readonly spec: PolicySpec;
  /** θ [P] */
  readonly theta: Float32Array;
  /** Free notes of whoever saved it: environment id, iteration, versions. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** 1: networks whose Gaussian log standard deviations went without saying. */
const FORMAT_VERSION = 2;
const numbers = z.union([z.number(), z.array(z.number())]);
const policySchema = z.object({
  format: z.literal('trellis-policy'),
  version: z.union([z.literal(1), z.literal(FORMAT_VERSION)]),
  network: z.looseObject({
    /** clip null: no clipping, since JSON has no Infinity */
    inputScaling: z.object({ offset: numbers, scale: numbers, clip: z.number().nullable() }).nullable(),
  }),
  distribution: z.looseObject({ kind: z.string() }),
  parameters: z.number().int(),
  metadata: z.record(z.string(), z.unknown()),
});

/**
 * The tensors of θ by name: `layers.<l>.weight`, `layers.<l>.bias` and, where there are any, `state_independent` outputs.
 */
export function namedParameters(spec: NetworkSpec, theta: Float32Array): Record<string, Tensor> {
  const layout = networkLayout(spec);
  const tensors: Record<string, Tensor> = {};
  for (const [l, layer] of layout.layers.entries()) {
    if (layer.biasCount === 0) continue;
    const weights = theta.subarray(layer.weightOffset, layer.biasOffset);
    tensors[`layers.${l}.weight`] = { shape: weightShape(layer), data: weights };
    const biases = theta.subarray(layer.biasOffset, layer.biasOffset + layer.biasCount);
    tensors[`layers.${l}.bias`] = { shape: [layer.biasCount], data: biases };
  }
  const rest = theta.subarray(layout.stateIndependentOffset);
  if (rest.length > 0) tensors['state_independent'] = { shape: [rest.length], data: rest };
  return tensors;
}

function weightShape({ spec, inputShape, inputSize }: LayerLayout): number[] {
  if (spec.kind === 'dense') return [spec.units, inputSize];
  return spec.kind === 'conv2d' ? [spec.filters, inputShape[0]!, ...spec.kernel] : [inputSize];
}

/** The text of policy.json. */
export function encodePolicySpec(spec: PolicySpec, metadata: Readonly<Record<string, unknown>> = {}): string {
  const { inputScaling } = spec.network;
  const list = (values: Float32Array | number) => (typeof values === 'number' ? values : Array.from(values));
  const scaling = inputScaling && {
    offset: list(inputScaling.offset),
    scale: list(inputScaling.scale),
    clip: Number.isFinite(inputScaling.clip) ? inputScaling.clip : null,
  };
  const policy = {
    format: 'trellis-policy',
    version: FORMAT_VERSION,
    network: { ...spec.network, inputScaling: scaling },
    distribution: spec.distribution,
    parameters: policyLayout(spec).network.parameterCount,
    metadata,
  };
  return sealJson(policy);
}

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
    const json = policySchema.parse(openSealed(readBounded(path).toString('utf8')));
    const { inputScaling } = json.network;
    const list = (values: number | number[]) => (typeof values === 'number' ? values : Float32Array.from(values));
    const network = {
      ...json.network,
      ...(json.version === 1 && json.distribution.kind === 'gaussian'
        ? { stateIndependentOutputs: json.distribution['dimensions'] }
        : {}),
      inputScaling: inputScaling && {
        offset: list(inputScaling.offset),
        scale: list(inputScaling.scale),
        clip: inputScaling.clip ?? Number.POSITIVE_INFINITY,
      },
    };
    // Whatever else is in the file, the layout checks it.
    const layout = policyLayout({ network: network as unknown as NetworkSpec, distribution: json.distribution });
    const { spec } = layout;
    const tensors = decodeSafetensors(readBounded(join(directory, `${name}.safetensors`)));
    const { parameterCount } = layout.network;
    const stored = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
    // Before memory is taken for what the specification promises.
    if (parameterCount > stored) throw new RangeError(`${stored} parameters stored, expected ${parameterCount}`);
    const theta = new Float32Array(parameterCount);
    for (const [name, part] of Object.entries(namedParameters(spec.network, theta))) {
      const stored = tensors[json.version === 1 && name === 'state_independent' ? 'log_std' : name];
      if (stored === undefined || stored.shape.join() !== part.shape.join()) {
        throw new RangeError(`tensor ${name} has shape [${stored?.shape}], expected [${part.shape}]`);
      }
      part.data.set(stored.data);
    }
    if (json.parameters !== parameterCount) {
      throw new RangeError(`policy.json names ${json.parameters} parameters, expected ${parameterCount}`);
    }
    return { spec, theta, metadata: json.metadata };
  } catch (cause) {
    throw new RunDirectoryError(`no readable policy in ${directory}: ${(cause as Error).message}`, {
      value: directory,
      expected: `${name}.json (version 1 or ${FORMAT_VERSION}) and ${name}.safetensors`,
      hint: 'Where a run with a checkpoint lost its policy, "trellis train --resume" writes it again',
      cause,
    });
  }
}
