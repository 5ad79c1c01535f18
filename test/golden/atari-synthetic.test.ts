import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { traceAtari } from '../../src/env/atari-trace.js';

const folder = fileURLToPath(new URL('atari/synthetic/', import.meta.url));
// pad01's recorded trace has paddles in both ports, a property that belongs to no cartridge of its MD5: native/test/atari.
const names = readdirSync(folder)
  .filter((name) => /^(cpu|tia|cut|nop)\d+\.csv$/.test(name))
  .map((name) => name.replace('.csv', ''));

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
}

describe('synthetic cartridges play as recorded', () => {
  assert.equal(names.length, 31);
  for (const name of names) {
    const options = { game: 'qbert', rom: join(folder, `${name}.bin`), seed: 1, steps: 300, allActions: true };
    test(name, () => assert.deepEqual([...traceAtari(options)], lines(join(folder, `${name}.csv`))));
    test(`${name} with detours`, () => {
      assert.deepEqual([...traceAtari({ ...options, snapshotEvery: 7 })], lines(join(folder, `${name}.csv`)));
    });
  }
});
