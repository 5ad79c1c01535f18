/** Films are what OpenCV's decoder makes of them. Python: $TRELLIS_PYTHON, else python3, with opencv and numpy. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { recordGame } from '../../src/report/record-game.js';
import { writeReplay } from '../../src/report/replay.js';
import { BLOCK_COLORS, blockIndex, movingBlocks } from '../report/moving-blocks.js';

const folder = mkdtempSync(join(tmpdir(), 'trellis-mp4-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Prints the colour in the middle of each column of each frame. */
const DECODE = `
import cv2, json, sys
film = cv2.VideoCapture(sys.argv[1])
frames = []
while True:
    there, picture = film.read()
    if not there: break
    frames.append([[int(c) for c in picture[200, 80 * i + 40][::-1]] for i in range(8)])
print(json.dumps({"rate": film.get(cv2.CAP_PROP_FPS), "frames": frames}))
`;

test('an MP4 of a game decodes to its frames in its colours', async () => {
  const file = join(folder, 'blocks.mp4');
  await writeReplay(recordGame(movingBlocks(60), 'blocks'), file);
  const python = process.env['TRELLIS_PYTHON'] ?? 'python3';
  const { rate, frames } = JSON.parse(execFileSync(python, ['-c', DECODE, file], { encoding: 'utf8' })) as {
    rate: number;
    frames: number[][][];
  };
  assert.equal(rate, 60);
  assert.equal(frames.length, 60);
  for (const [k, columns] of frames.entries()) {
    for (const [column, color] of columns.entries()) {
      const rgb = BLOCK_COLORS[blockIndex(column, k)];
      // Two conversions of colours and a coarse quantisation: a few of 255 levels.
      const off = [16, 8, 0].map((shift, i) => Math.abs(((rgb >> shift) & 255) - color[i]));
      assert.ok(Math.max(...off) <= 12, `frame ${k}, column ${column}: ${color} for ${rgb.toString(16)}`);
    }
  }
});
