import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ArgumentError } from '../../src/base/errors.js';
import { lcgActions, readActions } from '../../src/env/atari-action-file.js';
import { replayAtari } from '../../src/env/atari-replay.js';

const rom = fileURLToPath(new URL('../golden/atari/synthetic/tia02.bin', import.meta.url));

/** Screens (copied), scores and ends of a replay. */
function play(options: Parameters<typeof replayAtari>[0]) {
  return Array.from(replayAtari({ game: 'qbert', rom, ...options }), (frame) => ({
    ...frame,
    screen: frame.screen.slice(),
    palette: 0,
  }));
}

test('a replay shows every frame, and depends on its seed only', () => {
  const frames = play({ seed: 3, acts: 10 });
  assert.equal(frames.length, 40);
  assert.deepEqual(frames, play({ seed: 3, acts: 10 }));
  assert.notDeepEqual(frames, play({ seed: 4, acts: 10 }));
  const { width, height, screen } = frames[0];
  assert.deepEqual([width, height, screen.length], [160, 210, 160 * 210]);
});

test('scripted actions are played as written', () => {
  const actions = [1, 3, 3, 4, 0];
  const frames = play({ actions, frameSkip: 2 });
  assert.equal(frames.length, 10);
  assert.deepEqual(frames, play({ actions: [...actions, 17], acts: 5, frameSkip: 2, seed: 0 }));
  assert.notDeepEqual(frames, play({ actions: [0, 3, 3, 4, 0], frameSkip: 2 }));
});

test('the action sequence of the traces', () => {
  const all = lcgActions(Array.from({ length: 18 }, (_, code) => code));
  const first = Array.from({ length: 5 }, () => all.next().value);
  // x: 1103527590, 377401575, 662824084, 1147902781, 2035015474; each >> 16, mod 18.
  assert.deepEqual(first, [8, 16, 15, 1, 1]);
});

test('action files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trellis-actions-'));
  const path = join(folder, 'actions.txt');
  writeFileSync(path, '3\r\n\n# nothing\n17 # down left fire\n0');
  assert.deepEqual(readActions(path), [3, 17, 0]);
  writeFileSync(path, '3\nfire\n');
  assert.throws(
    () => readActions(path),
    (error: Error) => error instanceof ArgumentError && /line 2/.test(error.message),
  );
  rmSync(folder, { recursive: true });
});
