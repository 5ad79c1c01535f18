import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RunDirectoryError } from '../base/errors.js';
import { writeAllAtomic } from '../base/files.js';
import { openSealed, sealJson } from '../base/sealed.js';
import { checkArray } from '../native/arrays.js';
import { policyLayout } from './network.js';
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

const FORMAT_VERSION = 1;
const numbers = z.union([z.number(), z.array(z.number())]);
const pair = z.tuple([z.number().int(), z.number().int()]);
const activation = z.enum(['linear', 'tanh', 'softplus', 'relu']);
const layerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dense'), units: z.number().int(), activation }),
  z.object({ kind: z.literal('conv2d'), filters: z.number().int(), kernel: pair, stride: pair, activation }),
]);
const policySchema = z.object({
  format: z.literal('trellis-policy'),
  version: z.literal(FORMAT_VERSION),
  network: z.object({
    inputShape: z.array(z.number().int()),
    inputType: z.enum(['float32', 'uint8']),
    /** clip null: no clipping, since JSON has no Infinity */
    inputScaling: z.object({ offset: numbers, scale: numbers, clip: z.number().nullable() }).nullable(),
    layers: z.array(layerSchema),
  }),
  distribution: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('gaussian'), dimensions: z.number().int() }),
    z.object({ kind: z.literal('categorical'), sizes: z.array(z.number().int()) }),
  ]),
  parameters: z.number().int(),
  metadata: z.record(z.string(), z.unknown()),
});

/** The tensors of θ by name: `layers.<l>.weight`, `layers.<l>.bias` and, for gaussian policies, `log_std`. */
export function namedParameters(spec: PolicySpec, theta: Float32Array): Record<string, Tensor> {
  const layout = policyLayout(spec);
  const tensors: Record<string, Tensor> = {};
  for (const [l, layer] of layout.layers.entries()) {
    const shape =
      layer.spec.kind === 'dense'
        ? [layer.spec.units, layer.inputSize]
        : [layer.spec.filters, layer.inputShape[0]!, ...layer.spec.kernel];
    tensors[`layers.${l}.weight`] = { shape, data: theta.subarray(layer.weightOffset, layer.biasOffset) };
    const biases = theta.subarray(layer.biasOffset, layer.biasOffset + layer.biasCount);
    tensors[`layers.${l}.bias`] = { shape: [layer.biasCount], data: biases };
  }
  if (spec.distribution.kind === 'gaussian') {
    tensors['log_std'] = { shape: [spec.distribution.dimensions], data: theta.subarray(layout.logStdOffset) };
  }
  return tensors;
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
    parameters: policyLayout(spec).parameterCount,
    metadata,
  };
  return sealJson(policy);
}

/** Writes `policy.json` and `policy.safetensors` into a folder, which is made if need be. */
export async function savePolicy(
  directory: string,
  policy: Omit<StoredPolicy, 'metadata'> & Partial<StoredPolicy>,
): Promise<void> {
  checkArray('θ', policy.theta, 'Float32Array', policyLayout(policy.spec).parameterCount, {
    exact: true,
    shared: true,
  });
  await writeAllAtomic(directory, {
    'policy.safetensors': encodeSafetensors(namedParameters(policy.spec, policy.theta)),
    'policy.json': encodePolicySpec(policy.spec, policy.metadata),
  });
}

/** Reads what `savePolicy` wrote. @throws RunDirectoryError if the files are missing, damaged or of another version */
export async function readPolicy(directory: string): Promise<StoredPolicy> {
  const path = join(directory, 'policy.json');
  try {
    const json = policySchema.parse(openSealed(await readFile(path, 'utf8')));
    const { inputScaling } = json.network;
    const list = (values: number | number[]) => (typeof values === 'number' ? values : Float32Array.from(values));
    const spec: PolicySpec = {
      network: {
        ...json.network,
        inputScaling: inputScaling && {
          offset: list(inputScaling.offset),
          scale: list(inputScaling.scale),
          clip: inputScaling.clip ?? Number.POSITIVE_INFINITY,
        },
      },
      distribution: json.distribution,
    };
    const tensors = decodeSafetensors(await readFile(join(directory, 'policy.safetensors')));
    const { parameterCount } = policyLayout(spec);
    const stored = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
    // Before memory is taken for what the specification promises.
    if (parameterCount > stored) throw new RangeError(`${stored} parameters stored, expected ${parameterCount}`);
    const theta = new Float32Array(parameterCount);
    for (const [name, part] of Object.entries(namedParameters(spec, theta))) {
      const stored = tensors[name];
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
      expected: `policy.json (version ${FORMAT_VERSION}) and policy.safetensors`,
      hint: 'Where a run with a checkpoint lost its policy, "trellis train --resume" writes it again',
      cause,
    });
  }
}
