/** Event files, read back by a reader of its own. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32c } from '../../src/train/loggers/tensorboard.js';
import { resume, train } from '../../src/train/train.js';
import { countingEnv } from '../helpers/training.js';

const root = mkdtempSync(join(tmpdir(), 'trellis-tensorboard-'));
after(() => rmSync(root, { recursive: true }));

test('CRC-32C of known texts', () => {
  // The check value of the catalogue of CRCs, and the test vectors of RFC 3720, B.4.
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

type Field = readonly [field: number, value: number | Buffer];

function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const kind = key & 7;
    let value: number | Buffer;
    if (kind === 0) value = varint();
    else {
      const length = kind === 1 ? 8 : kind === 5 ? 4 : varint();
      const part = bytes.subarray(at, at + length);
      value = kind === 1 ? part.readDoubleLE() : kind === 5 ? part.readFloatLE() : part;
      at += length;
    }
    fields.push([key >> 3, value]);
  }
  return fields;
}

/** The events of a file, checksums checked. */
function eventsOf(file: string): Field[][] {
  const bytes = readFileSync(file);
  const events: Field[][] = [];
  const check = (part: Buffer, at: number) => {
    const crc = BigInt(crc32c(part));
    const rotated = (crc >> 15n) | ((crc << 17n) & 0xffffffffn);
    assert.equal(BigInt(bytes.readUInt32LE(at)), (rotated + 0xa282ead8n) & 0xffffffffn);
  };
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    check(bytes.subarray(at, at + 8), at + 8);
    const data = bytes.subarray(at + 12, at + 12 + length);
    check(data, at + 12 + length);
    events.push(fieldsOf(data));
    at += length + 16;
  }
  return events;
}

const config = {
  experiment: 'test',
  track: 'custom' as const,
  method: 'single-path',
  seed: 3,
  iterations: 2,
  engine: 'reference',
  environment: { id: 'counting' },
  options: { sampling: { steps: 60, slots: 4 } },
  evaluation: { every: 2, episodes: 2 },
};

test('every figure of every row and evaluation is there, and a resumed run says where it begins', async () => {
  const env = countingEnv(5);
  const directory = join(root, 'run');
  const loggers = ['tensorboard'];
  const { rows, evaluations } = await train(config, { env, directory, loggers });
  const folder = join(directory, 'tensorboard');
  const [first] = readdirSync(folder);
  const [version, ...events] = eventsOf(join(folder, first!));
  assert.equal(String(version!.find(([field]) => field === 3)![1]), 'brain.Event:2');
  const read = events.map((event) => {
    const summary = event.find(([field]) => field === 5)![1] as Buffer;
    const values = fieldsOf(summary).map(([, value]) => new Map(fieldsOf(value as Buffer)));
    const figures = values.map((value) => [String(value.get(1)), value.get(2)]);
    return { step: event.find(([field]) => field === 2)![1], figures: Object.fromEntries(figures) };
  });
  const expected = (group: string, row: Readonly<Record<string, number>>) => ({
    step: row['iteration'],
    figures: Object.fromEntries(
      Object.entries(row)
        .filter(([name, value]) => name !== 'iteration' && Number.isFinite(value))
        .map(([name, value]) => [`${group}/${name}`, Math.fround(value)]),
    ),
  });
  assert.deepEqual(read, [
    expected('progress', rows[0]),
    expected('evaluation', evaluations[0]),
    expected('progress', rows[1]),
  ]);

  rmSync(join(folder, first!));
  await resume(directory, 3, { env, loggers });
  const [, start, row] = eventsOf(join(folder, readdirSync(folder)[0]));
  assert.deepEqual(
    start!.slice(1).map(([field, value]) => [field, Number.isInteger(value) ? value : [...(value as Buffer)]]),
    [
      [2, 2],
      [7, [8, 1]],
    ],
  );
  assert.deepEqual(row![1], [2, 2]);
});

test('without a run directory it refuses', async () => {
  const run = train(config, { env: countingEnv(5), loggers: ['tensorboard'] });
  await assert.rejects(run, { code: 'ERR_CALLBACK', message: /nowhere to write; expected a run directory/ });
});
