import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { DependencyError } from '../../../base/errors.js';

export interface BindingRequest {
  /** Python whose TensorFlow wheel is used; default `python3`. */
  python?: string | undefined;
  /** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`; default: the first installed. */
  packageName?: string | undefined;
  /** Where the package is looked for; default the working directory, then beside this library. */
  from?: string | undefined;
}

export interface BuiltBinding {
  packageName: string;
  /** The file that was written */
  binding: string;
  tensorflow: { version: string; folder: string };
}

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/**
 * Compiles the node binding of TensorFlow.js from its own sources against the TensorFlow wheel of a Python, because the
 * published binaries are for TensorFlow 2.9 and often cannot be downloaded. Takes some ten seconds.
 * @throws DependencyError naming what is missing: the npm package, the wheel, a compiler, Node's headers
 */
export function buildTfjsBinding(request: BindingRequest = {}): BuiltBinding {
  const { packageName, folder } = findPackage(request);
  const tensorflow = findTensorFlow(request.python ?? 'python3');
  const headers = findNodeHeaders();
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) =>
    join(tensorflow.folder, name),
  );
  for (const library of libraries) {
    if (!existsSync(library)) {
      throw new DependencyError(`the TensorFlow wheel has no ${library}`, {
        expected: 'TensorFlow 2.16 or newer on Linux',
      });
    }
  }
  const target = join(folder, 'lib', 'napi-v8');
  const binding = join(target, 'tfjs_binding.node');
  const unfinished = `${binding}.${process.pid}`;
  mkdirSync(target, { recursive: true });
  const sources = join(folder, 'binding');
  const compiler = process.env.CXX ?? 'g++';
  const words = [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8'],
    ...[folder, sources, join(tensorflow.folder, 'include'), headers].map((path) => `-I${path}`),
    ...readdirSync(sources)
      .filter((name) => name.endsWith('.cc'))
      .map((name) => join(sources, name)),
    ...libraries,
    `-Wl,-rpath,${tensorflow.folder}`,
    ...['-o', unfinished],
  ];
  const result = spawnSync(compiler, words, { encoding: 'utf8' });
  if (result.error !== undefined) {
    throw new DependencyError(`the C++ compiler "${compiler}" cannot be run`, {
      hint: 'Install g++ (Debian: apt-get install g++), or name another in CXX',
      cause: result.error,
    });
  }
  if (result.status !== 0) {
    rmSync(unfinished, { force: true });
    throw new DependencyError('the binding of TensorFlow.js does not compile', { hint: result.stderr.slice(0, 2000) });
  }
  renameSync(unfinished, binding);
  // The loader of the package looks for TensorFlow's own libraries in deps/lib, too.
  const deps = join(folder, 'deps', 'lib');
  mkdirSync(deps, { recursive: true });
  return { packageName, binding, tensorflow };
}

function findPackage({ packageName, from }: BindingRequest): { packageName: string; folder: string } {
  const wanted = packageName === undefined ? PACKAGES : [packageName];
  const bases = [join(resolve(from ?? process.cwd()), 'package.json'), import.meta.url];
  for (const name of wanted) {
    for (const base of bases) {
      try {
        return { packageName: name, folder: dirname(createRequire(base).resolve(`${name}/package.json`)) };
      } catch {
        // Not there: the next.
      }
    }
  }
  throw new DependencyError(`${wanted.join(' or ')} is not installed`, {
    value: packageName,
    hint: `Run "npm install --ignore-scripts ${wanted.at(-1)}" first (its install script downloads an old binary)`,
  });
}

function findTensorFlow(python: string): { version: string; folder: string } {
  const script =
    'import importlib.metadata as m, importlib.util as u, json, os\n' +
    'spec = u.find_spec("tensorflow")\n' +
    'names = ["tensorflow", "tensorflow-cpu", "tensorflow-intel", "tf-nightly"]\n' +
    'found = [d.version for d in m.distributions() if str(d.metadata["Name"]).lower().replace("_", "-") in names]\n' +
    'print(json.dumps({"folder": spec and os.path.dirname(spec.origin), "version": found and found[0] or ""}))';
  const result = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  if (result.error !== undefined) {
    throw new DependencyError(`Python "${python}" cannot be run`, {
      hint: 'Name another Python',
      cause: result.error,
    });
  }
  const found = result.status === 0 ? (JSON.parse(result.stdout) as { folder: string | null; version: string }) : null;
  if (found === null || found.folder === null) {
    throw new DependencyError(`Python "${python}" has no TensorFlow`, {
      hint: 'Run "pip install tensorflow-cpu" (or "tensorflow[and-cuda]" for a GPU), or name another Python',
    });
  }
  return { folder: found.folder, version: found.version };
}

/** Where node_api.h is: beside this Node, or in the package node-api-headers. */
function findNodeHeaders(): string {
  const beside = join(dirname(process.execPath), '..', 'include', 'node');
  const candidates = [
    process.env.npm_config_nodedir && join(process.env.npm_config_nodedir, 'include', 'node'),
    beside,
  ];
  try {
    candidates.push((createRequire(import.meta.url)('node-api-headers') as { include_dir: string }).include_dir);
  } catch {
    // Only one of several places.
  }
  const found = candidates.find((folder) => folder && existsSync(join(folder, 'node_api.h')));
  if (found) return found;
  throw new DependencyError("Node's headers (node_api.h) are not installed", {
    hint: 'Run "npm install node-api-headers", or set npm_config_nodedir to a Node installation with headers',
  });
}
