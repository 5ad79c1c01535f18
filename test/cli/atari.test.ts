import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { words } from '../support/trellis.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const synthetic = (name: string) => join(root, 'test/golden/atari/synthetic', name);
let scratch: string;

before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trellis-cli-atari-'));
});
after(() => rmSync(scratch, { recursive: true }));

function trellis(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...words, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TRELLIS_ROMS: join(scratch, 'roms') },
  });
  return { status, stdout, stderr };
}

const recorded = (name: string) => readFileSync(synthetic(name), 'utf8').replaceAll('\r', '');

test('trace of a cartridge named by file prints the recorded rows, with and without detours', () => {
  const args = ['trace', 'qbert', '--rom', synthetic('tia05.bin'), '--seed', '1', '--steps', '300', '--all-actions'];
  assert.deepEqual(trellis(...args), { status: 0, stdout: recorded('tia05.csv'), stderr: '' });
  assert.equal(trellis(...args, '--snapshot-every', '11').stdout, recorded('tia05.csv'));
});

test('trace takes actions from a file, and prints every n-th', () => {
  const actions = join(scratch, 'actions.txt');
  const rows = recorded('tia05.csv').trimEnd().split('\n');
  writeFileSync(
    actions,
    rows
      .slice(3, 43)
      .map((row) => `${row.split(',')[1]}\n`)
      .join('# a remark\n'),
  );
  const { stdout } = trellis('trace', 'qbert', '--rom', synthetic('tia05.bin'), '--actions', actions, '--every', '10');
  const expected = [...rows.slice(0, 3), rows[12], rows[22], rows[32], rows[42]];
  assert.deepEqual(stdout.split('\n').slice(0, 7), expected);
});

test('bad input is refused with exit code 2, a missing ROM with 1', () => {
  const bad = join(scratch, 'bad.txt');
  writeFileSync(bad, '3\n18\n');
  const cases: [string[], number, RegExp][] = [
    [['trace', 'pongg'], 2, /unknown environment "pongg".*"pong"/],
    [['trace', 'pong'], 1, /pip download ale-py==0\.12\.1 --no-deps.*trellis(\.js)? roms import/],
    [['trace', 'cartpole', '--mode', '2'], 2, /option of games/],
    [['trace', 'qbert', '--rom', synthetic('tia05.bin'), '--actions', bad], 2, /line 2: "18"/],
    [['trace', 'qbert', '--rom', synthetic('tia05.bin'), '--mode', '7'], 2, /no mode 7/],
    [['trace', 'qbert', '--rom', join(scratch, 'none.bin')], 1, /cannot read/],
    [['trace', 'qbert', '--steps', 'many'], 2, /expected an integer/],
    [['roms', 'import'], 2, /missing required argument/],
    [['roms', 'import', join(scratch, 'nowhere')], 1, /there is no/],
    [['roms', 'verify'], 1, /no ROM was imported/],
  ];
  for (const [args, status, message] of cases) {
    const result = trellis(...args);
    assert.match(result.stderr, message, args.join(' '));
    assert.equal(result.status, status, args.join(' '));
  }
});

test('roms list names all games; an archive without known cartridges is refused by MD5', () => {
  const rows = trellis('roms', 'list', '--json').stdout.trimEnd().split('\n');
  assert.equal(rows.length, 104);
  assert.deepEqual(Object.keys(JSON.parse(rows[0])), ['id', 'name', 'md5', 'state', 'path']);
  const archive = join(scratch, 'pong.zip');
  writeFileSync(archive, zipSync({ 'pong.bin': new Uint8Array(readFileSync(synthetic('tia05.bin'))) }));
  const { status, stderr } = trellis('roms', 'import', archive);
  assert.equal(status, 1);
  assert.match(stderr, /no known cartridge.*MD5 6db091dc5c3c24b140c064fcb74ae366/);
});
