/** Modules of the user's own on the command line. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { library, main } from '../support/trellis.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-user-'));
after(() => rmSync(root, { recursive: true }));
const loader = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;

function trellis(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', loader, main, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** An environment and an experiment on it, as a user would write them. */
const source = (names: readonly string[]) => `
import { box, defineEnv, registerEnv, registerExperiment } from '${library}';
registerEnv('line', () => defineEnv({
  id: 'line', parameters: {}, stateSize: 1, observation: 1, action: box([1], -1, 1), maxEpisodeSteps: 10, secondsPerStep: 1,
  start: (state, at, draw) => { state[at] = draw(0); },
  step: ({ state, actions, rewards }, first, end) => {
    for (let slot = first; slot < end; slot++) rewards[slot] = -Math.abs(state[slot] + actions[slot]);
  },
}));
for (const name of ${JSON.stringify(names)}) {
  registerExperiment({
    name, summary: 'meet the number', track: 'modern', environment: 'line', policy: {}, iterations: 2,
    methods: { 'single-path': { sampling: { steps: 200, slots: 4 } } },
  });
}
`;
mkdirSync(join(root, 'own'));
writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
writeFileSync(join(root, 'own/meet.ts'), source(['meet']));
writeFileSync(join(root, 'own/two.ts'), source(['meet', 'meet-again']));
const broken = source(['fails']).replace('draw(0)', 'draw(0); throw new RangeError("no start")');
writeFileSync(join(root, 'own/fails.ts'), broken);
writeFileSync(join(root, 'none.mjs'), `import '${library}';\n`);
writeFileSync(join(root, 'wrong.mjs'), 'const = 3;\n');
writeFileSync(join(root, 'throws.mjs'), "throw new RangeError('no such thing');\n");

test('a module is trained by its path, and every command finds it again', () => {
  const begun = trellis('train', './own/meet.ts', '--out', 'runs/meet', '--iterations', '1');
  assert.equal(begun.code, 0, begun.stderr);
  const { imports, experiment } = JSON.parse(readFileSync(join(root, 'runs/meet/config.json'), 'utf8'));
  assert.deepEqual({ imports, experiment }, { imports: ['../../own/meet.ts'], experiment: 'meet' });
  for (const args of [
    ['train', '--resume', 'runs/meet', '--iterations', '2'],
    ['eval', 'runs/meet', '--episodes', '2'],
    ['report', 'runs/meet', '--out', 'report'],
  ]) {
    const { code, stderr } = trellis(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  }
  assert.equal(readFileSync(join(root, 'runs/meet/progress.csv'), 'utf8').trim().split('\n').length, 3);
});

test('--import names the module for any command', () => {
  assert.match(trellis('list', '--import', 'own/two.ts').stdout, /meet-again +meet the number/);
  const named = trellis('train', 'meet-again', '--import', 'own/two.ts', '--out', 'runs/again', '--iterations', '1');
  assert.equal(named.code, 0, named.stderr);
  // A run whose module has moved says so, and takes another in its place.
  renameSync(join(root, 'own/two.ts'), join(root, 'own/moved.ts'));
  const lost = trellis('eval', 'runs/again', '--episodes', '1');
  assert.equal(lost.code, 2);
  assert.match(lost.stderr, /own\/two\.ts, which is not there; expected that file .* or another one named by --import/);
  assert.equal(trellis('eval', 'runs/again', '--episodes', '1', '--import', 'own/moved.ts').code, 0);
});

test('an error of the module is its own, and named by its place', () => {
  const { code, stderr } = trellis('train', './own/fails.ts', '--out', 'runs/fails', '--iterations', '1');
  assert.equal(code, 1);
  const line = broken.split('\n').findIndex((text) => text.includes('RangeError')) + 1;
  assert.match(stderr, new RegExp(`no start \\(thrown in own.fails\\.ts:${line};`));
});

const refused: [what: string, args: string[], message: RegExp][] = [
  ['no such file', ['train', './absent.ts'], /there is no file \.\/absent\.ts/],
  ['no experiment in it', ['train', './none.mjs'], /none\.mjs registers no experiment; expected .*registerExperiment/],
  [
    'several in it',
    ['train', './own/moved.ts'],
    /registers several: meet, meet-again; .*trellis(\.js)? train meet --import/,
  ],
  ['a syntax error', ['train', './wrong.mjs'], /wrong\.mjs could not be imported: .*(Unexpected|Expected|SyntaxError)/],
  ['a module that throws', ['list', '--import', 'throws.mjs'], /throws\.mjs .*RangeError: no such thing/],
  ['no module', ['list', '--import', 'data.csv'], /cannot import data\.csv; expected a file ending in/],
  ['an empty name', ['list', '--import', ''], /expected a path/],
];
for (const [what, args, message] of refused) {
  test(`bad usage: ${what}`, () => {
    const { code, stderr } = trellis(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
}
