/** The two ONNX runtimes for JavaScript, by what tests use of them. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, unknown>>): Promise<Record<string, { data: ArrayLike<number>; dims: number[] }>>;
  release(): Promise<void>;
}

export interface OnnxRuntime {
  readonly InferenceSession: { create(model: Uint8Array, options?: object): Promise<OnnxSession> };
  readonly Tensor: new (type: string, data: ArrayBufferView, dims: readonly number[]) => unknown;
  readonly env: { wasm: { numThreads?: number }; logLevel?: string };
}

export const runtimes = { 'onnxruntime-node': ['cpu'], 'onnxruntime-web': ['wasm'] } as const;

export async function openRuntime(name: keyof typeof runtimes): Promise<OnnxRuntime> {
  const runtime = (await import(name)) as OnnxRuntime;
  runtime.env.logLevel = 'error';
  runtime.env.wasm.numThreads = 1;
  return runtime;
}
