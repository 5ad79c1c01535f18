/**
 * What the documents show works: every TypeScript block is type-checked and run, every `trellis` line names a command
 * and options that exist, every relative link leads to a file.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { words as trellis } from '../support/trellis.js';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = join(root, 'build/examples');
const loader = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface Block {
  document: string;
  line: number;
  language: string;
  text: string;
}

function blocksOf(document: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  readFileSync(join(root, document), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      if (!line.startsWith('```')) {
        if (open) open.text += `${line}\n`;
      } else if (open) {
        blocks.push(open);
        open = undefined;
      } else {
        open = { document, line: index + 1, language: line.slice(3).trim(), text: '' };
      }
    });
  return blocks;
}

const blocks = documents.flatMap(blocksOf);
const programs = blocks
  .filter(({ language }) => language === 'ts')
  .map((block) => ({ ...block, file: `${block.document.replace(/\W+/g, '-')}-${block.line}.ts` }));

before(() => {
  rmSync(examples, { recursive: true, force: true });
  mkdirSync(examples, { recursive: true });
  for (const { file, text } of programs) {
    const local = text
      .replaceAll("'trellis-rl'", "'../../src/index.js'")
      .replace(/'trellis-rl\/(cli|report)'/g, "'../../src/$1/index.js'")
      .replace(/'trellis-rl\/(envs|paper|zoo)'/g, "'../../$1/index.js'");
    writeFileSync(join(examples, file), `${local}\nexport {};\n`);
  }
  const options = { rootDir: '../..', noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
  const project = { extends: '../../tsconfig.json', compilerOptions: options, include: ['*.ts'] };
  writeFileSync(join(examples, 'tsconfig.json'), JSON.stringify(project));
});

test('there is something to check', () => {
  assert.ok(programs.some(({ document }) => document === 'README.md'));
});

test('the TypeScript blocks type-check', async () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const result = execute(process.execPath, [compiler, '-p', examples], { cwd: root });
  await result.catch((error: { stdout: string }) => assert.fail(error.stdout));
});

for (const { document, line, file } of programs) {
  test(`${document}:${line} runs`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trellis-docs-'));
    copyFileSync(join(root, 'envs/mujoco/models/hopper.xml'), join(folder, 'hopper.xml'));
    try {
      await execute(process.execPath, ['--import', loader, join(examples, file)], { cwd: folder, timeout: 120_000 });
    } catch (error) {
      const { message, stdout } = error as { message: string; stdout: string };
      assert.fail(`${message}\n${stdout}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

/** Names that a module exports, those of the modules that it exports whole included. */
function exportedNames(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  const listed = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) => list!.split(','));
  const declared = source.matchAll(/^export (?:declare |async )*(?:interface|type|class|function\*?|const) (\w+)/gm);
  const spaces = [...source.matchAll(/^export \* as (\w+)/gm)].map(([, name]) => name!);
  const whole = [...source.matchAll(/^export (?:type )?\* from '(\.\/.*)\.js'/gm)];
  return [
    ...listed.map((name) => name.replace(/^\s*type /, '').trim()).filter(Boolean),
    ...[...declared].map(([, name]) => name!),
    ...spaces,
    ...whole.flatMap(([, module]) => exportedNames(join(dirname(file), `${module}.ts`))),
  ];
}

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { default: string }>;
};
for (const [entry, target] of Object.entries(exports)) {
  if (typeof target === 'string') continue;
  test(`docs/api.md has every public name of ${entry}`, () => {
    const names = exportedNames(join(root, target.default.replace('dist/', '').replace(/js$/, 'ts')));
    const text = readFileSync(join(root, 'docs/api.md'), 'utf8');
    assert.ok(names.length > 0);
    assert.deepEqual(
      names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text)),
      [],
    );
  });
}

/** `trellis train swimmer --seed 1` → train, --seed. Comments and continuation lines are left out. */
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ document, text }) =>
    [...text.matchAll(/^(?:npx )?trellis ([a-z][^#\n]*)/gm)].map((match) => ({
      document,
      words: match[1].trim().split(/\s+/),
    })),
  );

test('the commands shown exist, and so do their options', async () => {
  assert.ok(commands.length > 0);
  const help = async (path: string[]) =>
    (await execute(process.execPath, [...trellis, ...path, '--help'], { cwd: root })).stdout;
  const known = new Map<string, string>();
  for (const { document, words } of commands) {
    const path = ['roms', 'tfjs'].includes(words[0]) ? words.slice(0, 2) : words.slice(0, 1);
    const key = path.join(' ');
    if (!known.has(key)) known.set(key, await help(path));
    assert.match(known.get(key)!, new RegExp(`Usage: trellis ${key}\\b`), `${document}: ${words.join(' ')}`);
    for (const word of words.filter((candidate) => candidate.startsWith('--'))) {
      const option = word.split('=')[0];
      assert.ok(known.get(key)!.includes(option), `${document}: trellis ${key} has ${option}`);
    }
  }
});

for (const document of documents) {
  test(`${document}: links lead somewhere`, () => {
    const text = readFileSync(join(root, document), 'utf8').replace(/```[\s\S]*?```/g, '');
    for (const [, target] of text.matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      assert.ok(existsSync(join(root, dirname(document), target!)), `${target} in ${document}`);
    }
  });
}
