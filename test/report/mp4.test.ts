import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cartpole } from '../../envs/classic/cartpole.js';
import { encodeMp4 } from '../../src/report/mp4.js';
import { randomActor, recordShapes } from '../../src/report/record-episode.js';
import { recordGame } from '../../src/report/record-game.js';
import { writeReplay } from '../../src/report/replay.js';
import { movingBlocks } from './moving-blocks.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-mp4-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The boxes of an ISO base media file by path, such as "moov/trak/tkhd", without their headers. */
function readBoxes(bytes: Uint8Array): Map<string, DataView> {
  const boxes = new Map<string, DataView>();
  const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);
  const walk = (from: number, end: number, path: string) => {
    for (let at = from; at < end; ) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, end - at);
      const size = view.getUint32(0);
      assert.ok(size >= 8 && at + size <= end, `box of ${size} bytes at ${at}`);
      const name = path + Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');
      boxes.set(name, new DataView(bytes.buffer, bytes.byteOffset + at + 8, size - 8));
      if (containers.has(name.slice(-4))) walk(at + 8, at + size, `${name}/`);
      at += size;
    }
  };
  walk(0, bytes.length, '');
  return boxes;
}

/** Size, number of pictures and length of the only track. */
function describe(bytes: Uint8Array) {
  const boxes = readBoxes(bytes);
  const box = (name: string) => boxes.get(name) ?? assert.fail(`no ${name}`);
  assert.equal(Buffer.from(bytes.subarray(4, 8)).toString(), 'ftyp');
  const track = box('moov/trak/tkhd');
  const media = box('moov/trak/mdia/mdhd');
  const sizes = box('moov/trak/mdia/minf/stbl/stsz');
  const pictures = sizes.getUint32(8);
  const stored = Array.from({ length: pictures }, (_, i) => sizes.getUint32(12 + 4 * i));
  assert.ok(stored.reduce((sum, size) => sum + size, 0) <= box('mdat').byteLength);
  const kind = box('moov/trak/mdia/minf/stbl/stsd');
  assert.equal(String.fromCharCode(...[12, 13, 14, 15].map((i) => kind.getUint8(i))), 'avc1');
  return {
    width: track.getUint32(76) / 65536,
    height: track.getUint32(80) / 65536,
    pictures,
    seconds: media.getUint32(16) / media.getUint32(12),
  };
}

test('a game: every frame, enlarged, at the pace of the game', async () => {
  const recording = recordGame(movingBlocks(90), 'blocks');
  const file = join(folder, 'blocks.mp4');
  await writeReplay(recording, file);
  const film = describe(readFileSync(file));
  assert.deepEqual([film.width, film.height, film.pictures], [640, 420, 90]);
  assert.ok(Math.abs(film.seconds - 1.5) < 0.02, `${film.seconds} s`);
  const fast = describe(await encodeMp4(recording, 3));
  assert.equal(fast.pictures, 30);
});

test('shapes: 30 pictures a second, and nothing is left that listens for errors of the process', async () => {
  const env = cartpole();
  const recording = await recordShapes(env, randomActor(env, 1), { title: '', seconds: 1, seed: 1 });
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listenerCount(event));
  const film = describe(await encodeMp4(recording));
  assert.deepEqual(
    events.map((event) => process.listenerCount(event)),
    before,
  );
  assert.deepEqual([film.width, film.height, film.pictures], [640, 360, 30]);
  assert.ok(Math.abs(film.seconds - 1) < 0.02, `${film.seconds} s`);
});
