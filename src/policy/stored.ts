import { describeValue } from '../base/describe.js';
import { openSealed, sealJson } from '../base/sealed.js';
import { type LayerLayout, networkLayout } from '../network/layout.js';
import type { NetworkSpec } from '../network/types.js';
import { decodeSafetensors, type Tensor } from './safetensors.js';
import type { DistributionSpec, PolicySpec } from './types.js';

/** A policy as it lies on disk. */
export interface StoredPolicy {
  readonly spec: PolicySpec;
  /** θ [P] */
  readonly theta: Float32Array;
  /** Free notes of whoever saved it: environment id, iteration, versions. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** 1: networks whose Gaussian log standard deviations went without saying. */
export const FORMAT_VERSION = 2;
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
  return spec.kind === 'conv2d' ? [spec.filters, inputShape[0], ...spec.kernel] : [inputSize];
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
    parameters: networkLayout(spec.network).parameterCount,
    metadata,
  };
  return sealJson(policy);
}

/** An object of a file, whatever it holds. */
type Loose = Readonly<Record<string, unknown>>;

function part(json: Loose, key: string): Loose {
  const value = json[key];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Loose;
  throw new RangeError(`${key} is ${describeValue(value)}, expected an object`);
}

/** The input scaling as the network takes it; whether its numbers fit is for the layout to say. */
function scalingOf(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const { offset, scale, clip } = given as Loose;
  const list = (values: unknown) => (Array.isArray(values) ? Float32Array.from(values as number[]) : values);
  // null: JSON has no Infinity.
  return { offset: list(offset), scale: list(scale), clip: clip === null ? Number.POSITIVE_INFINITY : clip };
}

/**
 * A policy from the text of its policy.json and the bytes of its policy.safetensors, which may be anyone's. What the
 * distribution means, and whether the network's outputs suit it, is for who knows its kind.
 * @throws SyntaxError, RangeError or a TrellisError that says what is wrong with them
 */
export function decodePolicy(text: string, tensors: Uint8Array): StoredPolicy {
  const json = openSealed(text);
  const { format, version, parameters } = json;
  if (format !== 'trellis-policy' || (version !== 1 && version !== FORMAT_VERSION)) {
    throw new RangeError(`its format is ${describeValue(format)}, version ${describeValue(version)}`);
  }
  const distribution = part(json, 'distribution') as DistributionSpec;
  if (typeof distribution.kind !== 'string') throw new RangeError('its distribution has no kind');
  const metadata = part(json, 'metadata');
  const stored = part(json, 'network');
  const given = {
    ...stored,
    ...(version === 1 && distribution.kind === 'gaussian'
      ? { stateIndependentOutputs: distribution['dimensions'] }
      : {}),
    inputScaling: scalingOf(stored['inputScaling']),
  };
  const { spec: network, parameterCount } = networkLayout(given as unknown as NetworkSpec);
  const found = decodeSafetensors(tensors);
  const numbers = Object.values(found).reduce((sum, { data }) => sum + data.length, 0);
  // Before memory is taken for what the specification promises.
  if (parameterCount > numbers) throw new RangeError(`${numbers} parameters stored, expected ${parameterCount}`);
  const theta = new Float32Array(parameterCount);
  for (const [name, { shape, data }] of Object.entries(namedParameters(network, theta))) {
    const tensor = found[version === 1 && name === 'state_independent' ? 'log_std' : name];
    if (tensor === undefined || tensor.shape.join() !== shape.join()) {
      throw new RangeError(`tensor ${name} has shape [${tensor?.shape}], expected [${shape}]`);
    }
    data.set(tensor.data);
  }
  if (parameters !== parameterCount) {
    throw new RangeError(`policy.json names ${describeValue(parameters)} parameters, expected ${parameterCount}`);
  }
  return { spec: { network, distribution }, theta, metadata };
}
