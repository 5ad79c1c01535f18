import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { ArgumentError, TrellisError } from '../base/errors.js';
import { checkPath, writeAllAtomic } from '../base/files.js';
import { isMujocoEnv, type MujocoEnvFactory } from '../env/define-mujoco-env.js';
import { controlRanges } from '../env/mujoco-backend.js';
import { findKeyframe, readsDerived } from '../env/mujoco-check.js';
import type { PortableFunctions } from '../env/mujoco-source.js';
import { spaceSize } from '../env/spaces.js';
import type { EnvFactory } from '../env/types.js';
import { isWrapped } from '../env/wrappers/wrap-factory.js';
import { MujocoBatch } from '../native/mujoco-batch.js';
import { checkPolicyFits } from '../policy/fit.js';
import { encodeSafetensors } from '../policy/safetensors.js';
import { readPolicy } from '../policy/storage.js';
import { encodePolicySpec, namedParameters, type StoredPolicy } from '../policy/stored.js';
import { mujocoDrawer, seenFromAbove } from '../report/draw-mujoco.js';
import { geomOutlines, shownGeoms } from '../report/mujoco-geoms.js';
import { findOptional, loadOptional } from '../report/optional.js';
import { environmentOf } from '../train/identity.js';
import type { PageData, PageEnvironment, PageScene } from './page/contract.js';
import { recordModel } from './page/recorded-model.js';
import { pageHtml } from './page-html.js';

const INSTALL = 'npm install @mujoco/mujoco esbuild';
const WHAT = 'pages in which a policy is live';
/** What acts in a page; others would need code of their own. */
const KINDS = ['gaussian', 'squashed-gaussian'];

export interface PageOptions {
  /** Told what does not stop the export. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Writes the policy of a run as one HTML page that needs nothing else: MuJoCo's WebAssembly build simulates the
 * environment in the browser, the policy controls it, the mouse pushes it. The physics are those of that build's version.
 * @throws RunDirectoryError if there is no policy, or the page cannot be written
 * @throws ArgumentError for an environment that cannot be shown in a page, saying why
 * @throws DependencyError if an optional package is missing
 */
export async function exportPage(directory: string, file: string, { onWarning }: PageOptions = {}): Promise<void> {
  const stored = await readPolicy(directory);
  const env = environmentOf(directory, stored, onWarning ?? (() => {}));
  const html = await policyPage(stored, env, directory);
  checkPath('HTML file', file);
  await writeAllAtomic(dirname(file), { [basename(file)]: html });
}

/** The page's text. @param title names it */
export async function policyPage(stored: StoredPolicy, env: EnvFactory, title: string): Promise<string> {
  checkPolicyFits(stored.spec, env.spec);
  const { kind } = stored.spec.distribution;
  if (!KINDS.includes(kind)) throw refusal(env, `its policy has a ${kind} distribution`, `one of ${KINDS.join(', ')}`);
  if (!isMujocoEnv(env) || isWrapped(env)) {
    throw refusal(
      env,
      'it does not stand on a MuJoCo model alone',
      'an environment of defineMujocoEnv, without wrappers',
    );
  }
  const { portable } = env.source;
  if (portable === undefined) {
    throw refusal(env, 'its functions are in no module that a browser can load', 'a definition with `portable`');
  }
  const data: PageData = {
    title: `${env.spec.id}: ${title}`,
    environment: pageEnvironment(env),
    scene: sceneOf(env),
    policy: encodePolicySpec(stored.spec),
    tensors: base64(encodeSafetensors(namedParameters(stored.spec.network, stored.theta))),
  };
  const wasm = await readFile(findOptional(WHAT, '@mujoco/mujoco/mujoco.wasm', INSTALL));
  return pageHtml(data, await bundle(portable, env.spec.id), base64(deflateRawSync(wasm, { level: 9 })));
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

function refusal({ spec: { id } }: EnvFactory, why: string, expected: string): ArgumentError {
  return new ArgumentError(`"${id}" cannot be shown in a page: ${why}`, { value: id, expected });
}

/** An environment as a page takes it. @throws ArgumentError for one whose model or episodes a page cannot make */
export function pageEnvironment(env: MujocoEnvFactory): PageEnvironment {
  const { source, spec } = env;
  const { model: from, keyframe } = source;
  const xml = 'xml' in from ? from.xml : null;
  if (xml === null || /file|include|plugin|<model|<extension/i.test(xml)) {
    throw refusal(env, 'its model is in files', 'a model whole in its text');
  }
  if (source.action !== undefined) throw refusal(env, 'it has actions of its own', 'normalised controls');
  const { slotParameters = [] } = source;
  if (slotParameters.length > 0) {
    throw refusal(env, `its episodes change the model (${slotParameters.join(', ')})`, 'no slotParameters');
  }
  const model = env.model();
  const { middle, half } = controlRanges(model, source);
  const asked = recordModel(model);
  source.functions(asked.model);
  return {
    id: spec.id,
    xml,
    substeps: source.substeps ?? 1,
    secondsPerStep: source.secondsPerStep,
    maxEpisodeSteps: source.maxEpisodeSteps,
    observationSize: spaceSize(spec.observationSpace),
    middle: Array.from(middle),
    half: Array.from(half),
    gather: source.gather ?? null,
    outputs: source.outputs ?? [],
    stage: source.stage ?? 'none',
    startStage: source.startStage ?? (readsDerived(source, model) ? 'acceleration' : 'none'),
    memory: source.memory ?? {},
    keyframe: keyframe === undefined ? null : findKeyframe(keyframe, model),
    answers: asked.answers,
  };
}

function sceneOf(env: MujocoEnvFactory): PageScene {
  const model = env.model();
  const drawer = mujocoDrawer(model);
  const batch = new MujocoBatch(model, { slots: 1, threads: 1 });
  try {
    const [positions, turns] = [batch.output('geom_xpos'), batch.output('geom_xmat')];
    batch.reset({ stage: 'position' });
    return {
      up: seenFromAbove(model) ? 1 : 2,
      view: drawer.view,
      ground: drawer.ground,
      geoms: geomOutlines(model, shownGeoms(model)).map(({ geom, shape, points, moves }) => ({
        geom: geom.id,
        body: geom.bodyId,
        points: Array.from(points),
        radius: shape.kind === 'bar' ? shape.radius : null,
        color: shape.color,
        moves,
      })),
      positions: Array.from(positions),
      turns: Array.from(turns),
    };
  } finally {
    batch.close();
    drawer.close?.();
  }
}

interface Bundler {
  build(options: object): Promise<{ outputFiles: readonly { text: string }[] }>;
}

/** The page's program with the environment's functions, as one classic script. */
async function bundle({ module, name, arguments: given }: PortableFunctions, id: string): Promise<string> {
  const { build } = await loadOptional<Bundler>(WHAT, 'esbuild', INSTALL);
  const mujoco = findOptional(WHAT, '@mujoco/mujoco', INSTALL);
  const main = sourceFile(new URL('./page/main.js', import.meta.url).href);
  const contents = `
    import loadMujoco from ${JSON.stringify(mujoco)};
    import { runPage } from ${JSON.stringify(main)};
    import { ${name} as make } from ${JSON.stringify(sourceFile(module))};
    const data = JSON.parse(document.getElementById('data').textContent);
    runPage(data, loadMujoco, make(...${JSON.stringify(given)}));`;
  try {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: dirname(main), loader: 'js' },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      target: 'es2022',
      minify: true,
      write: false,
      // What MuJoCo's loader asks for where it runs in Node.
      external: ['module', 'fs', 'path', 'url', 'node:*'],
      // Nothing is loaded from there: MuJoCo comes with the page.
      define: { 'import.meta.url': '"file:///"' },
      tsconfigRaw: {},
      plugins: [libraryWithoutNode],
      logLevel: 'silent',
    });
    return outputFiles[0].text;
  } catch (cause) {
    if (cause instanceof TrellisError) throw cause;
    throw new ArgumentError(`the functions of "${id}" cannot be bundled: ${(cause as Error).message}`, {
      value: module,
      expected: `a module that exports "${name}" and imports nothing of Node`,
      cause,
    });
  }
}

interface Resolving {
  onResolve(
    options: { filter: RegExp },
    resolve: (found: { path: string; resolveDir: string }) => { path: string } | undefined,
  ): void;
}

/** Functions may use the library's errors and draws: for them it is the part of it that needs no Node. */
const libraryWithoutNode = {
  name: 'library',
  setup(bundler: Resolving): void {
    const index = fileURLToPath(new URL('../index.js', import.meta.url));
    const path = sourceFile(new URL('./page/library.js', import.meta.url).href);
    bundler.onResolve({ filter: /^trellis-rl$|^\.{1,2}\/.*index\.js$/ }, (found) => {
      return found.path === 'trellis-rl' || join(found.resolveDir, found.path) === index ? { path } : undefined;
    });
  },
};

/** A module's file; beside compiled ones there may be only the TypeScript they come from. */
function sourceFile(url: string): string {
  const file = fileURLToPath(url);
  const source = file.replace(/\.js$/, '.ts');
  return existsSync(file) || !existsSync(source) ? file : source;
}
