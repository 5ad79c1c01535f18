/** The list of what the emulated platforms leave out names files and tests that there are, and the documents repeat it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
// @ts-expect-error a script, in JavaScript
import * as lists from '../../scripts/platforms/left-out.mjs';
// @ts-expect-error a script, in JavaScript
import { readTap } from '../../scripts/platforms/test-file.mjs';

type Single = readonly [file: string, names: readonly string[] | null, reason: string];
interface Result {
  readonly file: string;
  readonly fail: number;
  readonly failures: readonly string[];
  readonly skipped: readonly string[];
}
const { leftOut, singles, share, judge } = lists as {
  leftOut: Record<string, Record<string, string>>;
  singles: Record<string, readonly Single[]>;
  share: readonly string[];
  judge(platform: string, result: Result): Result;
};
const all = Object.values(singles).flat();

test('what is left out exists, and docs/install.md tells it', () => {
  const document = readFileSync('docs/install.md', 'utf8').replaceAll(/\s+/g, ' ');
  for (const name of [...Object.values(leftOut).flatMap(Object.keys), ...share, ...all.map(([file]) => file)]) {
    assert.ok(existsSync(`test/${name}`), name);
  }
  for (const [file, names, reason] of all) {
    const source = readFileSync(`test/${file}`, 'utf8');
    for (const name of names ?? []) assert.ok(source.includes(`'${name}'`), `${file}: ${name}`);
    assert.ok(document.includes(`\`${file}\``) && document.includes(reason), `docs/install.md: ${file}, ${reason}`);
  }
});

test('a skipped test that is not listed is found; so is a file that ended before its end', () => {
  const [file, [name]] = singles['win32-x64'][0] as [string, [string], string];
  const result = (skipped: string[]) => ({ file, fail: 0, failures: [], skipped });
  const found = judge('win32-x64', result([name, 'another']));
  assert.deepEqual([found.fail, found.failures], [1, ['skipped, and not listed: another']]);
  assert.equal(judge('linux-arm64', result([name])).fail, 1);
  const tap = ['    ok 1 - a # SKIP why', '    not ok 2 - b', 'not ok 1 - all', '# tests 2', '# pass 0', '# fail 1'];
  assert.deepEqual(readTap(tap.join('\n'), 'ended with 1'), {
    pass: 0,
    fail: 1,
    failures: ['b', 'all'],
    skipped: ['a'],
  });
  assert.deepEqual(readTap('ok 1 - a\n# tests 1\n# pass 1\n# fail 0\n', null).failures, []);
  assert.deepEqual(readTap('ok 1 - a\n', null).failures, ['ended before its tests']);
  assert.deepEqual(readTap('ok 1 - a\n', 'did not end within 3 s').failures, ['did not end within 3 s']);
});
