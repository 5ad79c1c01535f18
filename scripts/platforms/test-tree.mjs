// The tree in which the tests run on another platform: every source compiled here, as nothing there compiles TypeScript.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every source compiled, everything copied beside it, and the binary of one platform: like an installed package. */
export async function layOut(platform, tree) {
  // What was ended a moment ago may still be writing there.
  rmSync(tree, { recursive: true, force: true, maxRetries: 5 });
  mkdirSync(tree, { recursive: true });
  const folders = ['bin', 'src', 'envs', 'paper', 'zoo', 'test', 'bench', 'examples', 'scripts', 'docs', 'results'];
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  );
  await build({
    absWorkingDir: root,
    entryPoints: sources.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')),
    outdir: tree,
    outbase: root,
    format: 'esm',
    target: 'es2023',
    platform: 'node',
    sourcemap: 'inline',
    logLevel: 'error',
  });
  for (const folder of folders) {
    cpSync(join(root, folder), join(tree, folder), { recursive: true });
  }
  cpSync(join(root, 'prebuilds', platform), join(tree, 'prebuilds', platform), { recursive: true });
  const manifest = readFileSync(join(root, 'package.json'), 'utf8').replaceAll('./dist/', './');
  writeFileSync(join(tree, 'package.json'), manifest);
  writeTsx(tree);
}

/** A tsx that compiles nothing: tests start programs with `--import tsx` and name them as they are in the sources. */
function writeTsx(tree) {
  const folder = join(tree, 'node_modules/tsx');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "tsx", "type": "module", "exports": { ".": "./index.js", "./esm/api": "./index.js" } }\n',
  );
  writeFileSync(
    join(folder, 'index.js'),
    `import { register as registerHooks } from 'node:module';
if (process.env.TRELLIS_NODE) process.execPath = process.env.TRELLIS_NODE;
registerHooks('./hooks.js', import.meta.url);
const nothing = () => {};
export { nothing as register };
`,
  );
  writeFileSync(
    join(folder, 'hooks.js'),
    `import { readFile } from 'node:fs/promises';
export async function resolve(name, context, next) {
  if (!name.endsWith('.ts')) return next(name, context);
  const compiled = name.replace(/\\.ts$/, '.js');
  return next(compiled, context).catch(() => next(name, context));
}
// Modules that tests write are .ts by name, and plain JavaScript.
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: await readFile(new URL(url)), shortCircuit: true };
}
`,
  );
}

/** Node of the platform as one program: qemu's cannot start itself again where the kernel does not know qemu. */
export function program(tree, words) {
  const file = join(tree, 'node');
  writeFileSync(
    file,
    `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} --import '${tree}/node_modules/tsx/index.js' "$@"\n`,
    {
      mode: 0o755,
    },
  );
  return file;
}
