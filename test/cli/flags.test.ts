import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ArgumentError } from '../../src/base/errors.js';
import { nameFlags } from '../../src/cli/flags.js';
import { readPolicy } from '../../src/policy/storage.js';
import { readRun } from '../../src/report/run.js';
import { RunDirectory } from '../../src/train/run-directory.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-flags-'));
after(() => rmSync(folder, { recursive: true }));

/** The message of what is really thrown, as the command line tells it. */
async function told(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    assert.doesNotMatch((error as Error).message, / --[a-z]/, 'the library knows no flags');
    return nameFlags((error as Error).message);
  }
  throw new Error('nothing was thrown');
}

test('hints of the library are told with the flags of the command line', async () => {
  writeFileSync(join(folder, 'config.json'), '{}');
  const create = () => RunDirectory.create(folder, {} as never, {} as never);
  assert.match(
    await told(create),
    /Go on with it by "npx trellis train --resume [^"]*", or choose another folder with --out/,
  );
  assert.match(await told(() => readPolicy(folder)), /"npx trellis train --resume [^"]*" writes it again/);
  assert.match(await told(() => readRun(folder)), /"trellis train" wrote; its --out is the directory itself/);
});

test('other messages stay as they are', () => {
  const { message } = new ArgumentError('steps is 0', { expected: 'a positive integer' });
  assert.equal(nameFlags(message), message);
});
