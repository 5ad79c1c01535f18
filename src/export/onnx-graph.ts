import { bytes, concatenate, float, integer, integers, message, text } from './protobuf.js';

/** Element types by ONNX's numbers. */
export const ElementType = { float32: 1, uint8: 2, int32: 6, int64: 7 } as const;
export type ElementTypeName = keyof typeof ElementType;

/** A number, or a name for a size that is not fixed. */
export type Dimension = number | string;

export type Attribute = number | readonly number[] | { readonly float: number };

/** Of the operators used here: LayerNormalization came with 17, which the runtimes of 2022 know. */
const OPERATORS = 17;
/** The file format that came with those operators. */
const FORMAT = 8;

/** Collects nodes and constants; what a method gives is the name of a value. */
export class OnnxGraph {
  private readonly nodes: Uint8Array[] = [];
  private readonly constants: Uint8Array[] = [];
  private readonly inputs: Uint8Array[] = [];
  private readonly outputs: Uint8Array[] = [];
  private readonly named = new Set<string>();
  private count = 0;

  input(name: string, type: ElementTypeName, shape: readonly Dimension[]): string {
    this.named.add(name);
    this.inputs.push(message(11, valueInfo(name, type, shape)));
    return name;
  }

  /** Declares a value that a node made under this name as an output. */
  output(name: string, type: ElementTypeName, shape: readonly Dimension[]): void {
    this.outputs.push(message(12, valueInfo(name, type, shape)));
  }

  /** An operator with one output. @param name of the output; by default one of its own */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name?: string,
  ): string {
    const output = name ?? this.unused(operator.toLowerCase());
    this.named.add(output);
    const fields = [
      ...inputs.map((input) => text(1, input)),
      text(2, output),
      text(3, `${operator}:${output}`),
      text(4, operator),
      ...Object.entries(attributes).map(([key, value]) => message(5, attribute(key, value))),
    ];
    this.nodes.push(message(1, ...fields));
    return output;
  }

  floats(name: string, shape: readonly number[], data: Float32Array): string {
    const raw = new Uint8Array(4 * data.length);
    const view = new DataView(raw.buffer);
    for (let i = 0; i < data.length; i++) view.setFloat32(4 * i, data[i], true);
    return this.constant(name, 'float32', shape, raw);
  }

  /** A list of whole numbers. */
  list(values: readonly number[]): string {
    const raw = new Uint8Array(8 * values.length);
    const view = new DataView(raw.buffer);
    for (const [i, value] of values.entries()) view.setBigInt64(8 * i, BigInt(value), true);
    return this.constant(this.unused('list'), 'int64', [values.length], raw);
  }

  /** The file. @param notes what its reader may want to know */
  encode(name: string, producer: string, version: string, notes: Readonly<Record<string, string>>): Uint8Array {
    const graph = concatenate([...this.nodes, text(2, name), ...this.constants, ...this.inputs, ...this.outputs]);
    return concatenate([
      integer(1, FORMAT),
      text(2, producer),
      text(3, version),
      bytes(7, graph),
      message(8, text(1, ''), integer(2, OPERATORS)),
      ...Object.entries(notes).map(([key, value]) => message(14, text(1, key), text(2, value))),
    ]);
  }

  private constant(name: string, type: ElementTypeName, shape: readonly number[], raw: Uint8Array): string {
    this.named.add(name);
    const fields = [integers(1, shape), integer(2, ElementType[type]), text(8, name), bytes(9, raw)];
    this.constants.push(message(5, ...fields));
    return name;
  }

  private unused(stem: string): string {
    let name: string;
    do name = `${stem}_${this.count++}`;
    while (this.named.has(name));
    return name;
  }
}

function valueInfo(name: string, type: ElementTypeName, shape: readonly Dimension[]): Uint8Array {
  const dimensions = shape.map((size) => message(1, typeof size === 'number' ? integer(1, size) : text(2, size)));
  const tensor = message(1, integer(1, ElementType[type]), message(2, ...dimensions));
  return concatenate([text(1, name), bytes(2, tensor)]);
}

/** FLOAT = 1, INT = 2, INTS = 7. */
function attribute(name: string, value: Attribute): Uint8Array {
  if (typeof value === 'number') return concatenate([text(1, name), integer(3, value), integer(20, 2)]);
  if ('float' in value) return concatenate([text(1, name), float(2, value.float), integer(20, 1)]);
  return concatenate([text(1, name), ...value.map((each) => integer(8, each)), integer(20, 7)]);
}
