import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as tfjs from '@tensorflow/tfjs-core';
import { commandText } from '../../../base/command-text.js';
import { DependencyError, NotFoundError } from '../../../base/errors.js';

export type TensorFlow = typeof tfjs;

/** How to get each backend, in the order of preference; each `load` returns null where its package is not installed. */
const backends: Readonly<Record<string, (load: (name: string) => unknown) => Promise<TensorFlow | null>>> = {
  'tfjs-node-gpu': async (load) => nodeBinding(load('@tensorflow/tfjs-node-gpu') as TensorFlow | null),
  'tfjs-node': async (load) => nodeBinding(load('@tensorflow/tfjs-node') as TensorFlow | null),
  wasm: async (load) => {
    const tf = load('@tensorflow/tfjs-core') as TensorFlow | null;
    if (tf === null || load('@tensorflow/tfjs-backend-wasm') === null) return null;
    tf.enableProdMode();
    await tf.setBackend('wasm');
    return tf;
  },
  cpu: async (load) => {
    const whole = load('@tensorflow/tfjs') as TensorFlow | null;
    const tf = whole ?? (load('@tensorflow/tfjs-core') as TensorFlow | null);
    if (tf === null || (whole === null && load('@tensorflow/tfjs-backend-cpu') === null)) return null;
    // Production mode: no banner, and no reading back of every result to look for NaN.
    tf.enableProdMode();
    await tf.setBackend('cpu');
    return tf;
  },
};

/** The node binding names itself "tensorflow"; another backend may have been set before in this process. */
async function nodeBinding(tf: TensorFlow | null): Promise<TensorFlow | null> {
  await tf?.setBackend('tensorflow');
  return tf;
}

/** Names after `tfjs:` in an engine's name. */
export const tfjsBackendNames: readonly string[] = Object.keys(backends);

/**
 * TensorFlow.js on the best backend that is installed (tfjs-node-gpu, tfjs-node, wasm, plain JavaScript), or on the one
 * named.
 * @throws DependencyError if none is installed, NotFoundError for an unknown backend
 */
export async function loadTensorFlow(backend?: string): Promise<{ tf: TensorFlow; backend: string }> {
  if (backend !== undefined && !Object.hasOwn(backends, backend)) {
    throw new NotFoundError('tfjs backend', backend, tfjsBackendNames, { expected: tfjsBackendNames.join(', ') });
  }
  const failures: string[] = [];
  for (const name of backend === undefined ? tfjsBackendNames : [backend]) {
    const tf = await backends[name]((packageName) => tryRequire(packageName, failures));
    if (tf === null) continue;
    await tf.ready();
    return { tf, backend: name };
  }
  const what = backend === undefined ? 'TensorFlow.js' : `TensorFlow.js backend "${backend}"`;
  const tried = [...new Set(failures)].join('; ');
  throw new DependencyError(`${what} ${tried === '' ? 'is not installed' : `cannot be loaded (${tried})`}`, {
    value: tried,
    hint:
      'Install one of @tensorflow/tfjs-node-gpu, @tensorflow/tfjs-node, @tensorflow/tfjs-backend-wasm with ' +
      `@tensorflow/tfjs-core, or @tensorflow/tfjs; "${commandText(['tfjs', 'build'])}" makes the node binding from a TensorFlow wheel`,
  });
}

const require = createRequire(import.meta.url);
/** Beside this library first, then in the user's working directory (for global installations and checkouts). */
const requires = [require, createRequire(join(process.cwd(), 'package.json'))];

/** The package, or null where it is not installed or cannot load; a package that is there but broken is noted. */
function tryRequire(name: string, failures: string[]): unknown {
  restoreUtilFunctions();
  for (const from of requires) {
    try {
      return from(name) as unknown;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const absent = code === 'MODULE_NOT_FOUND' && message.includes(`'${name}'`);
      if (!absent) failures.push(`${name}: ${message.split('\n')[0].trim()}`);
    }
  }
  return null;
}

/** tfjs-node 4.22 calls functions of node:util that Node 23 removed, and one that newer ones warn about at every call. */
function restoreUtilFunctions(): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}
