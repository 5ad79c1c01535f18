import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkPath, writeAllAtomic } from '../base/files.js';
import { packageRoot } from '../native/platform.js';
import type { LayerLayout } from '../network/layout.js';
import { type PolicyLayout, policyLayout } from '../policy/policy-layout.js';
import type { Tensor } from '../policy/safetensors.js';
import { readPolicy } from '../policy/storage.js';
import { namedParameters, type StoredPolicy } from '../policy/stored.js';
import { OnnxGraph } from './onnx-graph.js';

const BATCH = 'batch';
const OPERATORS = { tanh: 'Tanh', softplus: 'Softplus', relu: 'Relu' } as const;

/**
 * A policy as an ONNX model (operator set 17) that takes observations as the environment gives them.
 *
 * Input `observation` [batch, …input shape], float32 or uint8. Outputs: `distribution` [batch, m], the parameters of the
 * distribution over actions; and where the library knows the distribution, `action`, the most likely one, and the parts:
 * gaussian: `mean`, `log_std`, `action` [batch, d] in normalised units (±1: the actuators' bounds); squashed-gaussian: as
 * gaussian, of the normals under tanh, `action` within ±1; categorical: `action` [batch, factors], int32 choices, and
 * `logits_0`, `logits_1` … of its factors.
 * @throws ArgumentError or NotFoundError where the policy does not fit together
 */
export function policyToOnnx(policy: StoredPolicy): Uint8Array {
  const layout = policyLayout(policy.spec);
  const graph = new OnnxGraph();
  const emitted = networkNodes(graph, layout, namedParameters(layout.spec.network, policy.theta));
  outputNodes(graph, layout, emitted);
  const { id } = (policy.metadata['environment'] ?? {}) as { id?: unknown };
  const notes = {
    ...(typeof id === 'string' ? { environment: id } : {}),
    distribution: JSON.stringify(layout.spec.distribution),
  };
  return graph.encode(typeof id === 'string' ? id : 'policy', 'trellis-rl', packageVersion(), notes);
}

/**
 * The policy of a run directory as an ONNX file.
 * @throws RunDirectoryError if there is no policy, or the file cannot be written
 */
export async function exportOnnx(directory: string, file: string): Promise<void> {
  const model = policyToOnnx(await readPolicy(directory));
  checkPath('ONNX file', file);
  await writeAllAtomic(dirname(file), { [basename(file)]: model });
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** @returns the row of outputs [batch, m] */
function networkNodes(graph: OnnxGraph, layout: PolicyLayout, tensors: Record<string, Tensor>): string {
  const { network } = layout;
  const constant = (name: string, tensor = tensors[name]) => graph.floats(name, tensor.shape, tensor.data);
  const observed = inputNodes(graph, layout);
  const values: string[] = [];
  for (const [l, layer] of network.layers.entries()) {
    const inputs = layer.inputs.map((input) => (input < 0 ? observed : values[input]));
    values.push(
      layerNodes(graph, layer, inputs, (name, shape) => {
        const tensor = tensors[`layers.${l}.${name}`];
        return constant(`layers.${l}.${name}`, shape === undefined ? tensor : { ...tensor, shape });
      }),
    );
  }
  const parts = network.heads.map((head) => flat(graph, values[head], network.layers[head].outputShape));
  const rest = tensors['state_independent'];
  if (rest !== undefined) {
    const rows = graph.node('Shape', ['observation'], { start: 0, end: 1 });
    const shape = graph.node('Concat', [rows, graph.list(rest.shape)], { axis: 0 });
    parts.push(graph.node('Expand', [constant('state_independent'), shape]));
  }
  return parts.length === 1
    ? graph.node('Identity', parts, {}, 'distribution')
    : graph.node('Concat', parts, { axis: 1 }, 'distribution');
}

/** The observation, scaled and clipped. */
function inputNodes(graph: OnnxGraph, { spec }: PolicyLayout): string {
  const { inputShape, inputType, inputScaling } = spec.network;
  let x = graph.input('observation', inputType, [BATCH, ...inputShape]);
  if (inputType === 'uint8') x = graph.node('Cast', [x], { to: 1 });
  if (inputScaling === null) return x;
  const constant = (name: string, values: Float32Array | number) =>
    typeof values === 'number'
      ? graph.floats(name, [], Float32Array.of(values))
      : graph.floats(name, inputShape, values);
  const { offset, scale, clip } = inputScaling;
  x = graph.node('Sub', [x, constant('input.offset', offset)]);
  x = graph.node('Div', [x, constant('input.scale', scale)]);
  if (!Number.isFinite(clip)) return x;
  return graph.node('Clip', [x, constant('input.lowest', -clip), constant('input.highest', clip)]);
}

function layerNodes(
  graph: OnnxGraph,
  layer: LayerLayout,
  inputs: readonly string[],
  parameter: (name: string, shape?: readonly number[]) => string,
): string {
  const { spec, activation, inputShape } = layer;
  const linear = () => {
    switch (spec.kind) {
      case 'dense':
        return graph.node('Gemm', [flat(graph, inputs[0], inputShape), parameter('weight'), parameter('bias')], {
          transB: 1,
        });
      case 'conv2d':
        return graph.node('Conv', [inputs[0], parameter('weight'), parameter('bias')], {
          kernel_shape: spec.kernel,
          strides: spec.stride,
        });
      case 'layerNorm': {
        const shaped = [parameter('weight', inputShape), parameter('bias', inputShape)];
        return graph.node('LayerNormalization', [inputs[0], ...shaped], { axis: 1, epsilon: { float: 1e-5 } });
      }
      case 'add':
        return graph.node('Add', inputs);
    }
  };
  const value = linear();
  return activation === 'linear' ? value : graph.node(OPERATORS[activation], [value]);
}

/** Feature maps as vectors. */
function flat(graph: OnnxGraph, value: string, shape: readonly number[]): string {
  return shape.length === 1 ? value : graph.node('Flatten', [value], { axis: 1 });
}

/** Parts of the row of outputs, and the most likely action. */
function outputNodes(graph: OnnxGraph, { spec, distribution, network }: PolicyLayout, row: string): void {
  const d = distribution.actionSize;
  graph.output(row, 'float32', [BATCH, network.outputSize]);
  const columns = (first: number, count: number, name?: string) => {
    const ends = [graph.list([first]), graph.list([first + count]), graph.list([1])];
    return graph.node('Slice', [row, ...ends], {}, name);
  };
  const { kind } = spec.distribution;
  if (kind === 'gaussian' || kind === 'squashed-gaussian') {
    const mean = columns(0, d, 'mean');
    graph.output(mean, 'float32', [BATCH, d]);
    graph.output(columns(d, d, 'log_std'), 'float32', [BATCH, d]);
    graph.output(graph.node(kind === 'gaussian' ? 'Identity' : 'Tanh', [mean], {}, 'action'), 'float32', [BATCH, d]);
  } else if (kind === 'categorical') {
    let at = 0;
    const choices = distribution.choices!.map((size, factor) => {
      const logits = columns(at, size, `logits_${factor}`);
      graph.output(logits, 'float32', [BATCH, size]);
      at += size;
      return graph.node('ArgMax', [logits], { axis: 1, keepdims: 1 });
    });
    const all = choices.length === 1 ? choices[0] : graph.node('Concat', choices, { axis: 1 });
    graph.output(graph.node('Cast', [all], { to: 6 }, 'action'), 'int32', [BATCH, d]);
  }
}
