import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RomError } from '../../src/base/errors.js';
import { AtariBatch, type AtariBatchOptions } from '../../src/native/atari-batch.js';
import { Fault } from '../../src/native/batch-simulator.js';
import { assemble } from '../support/assembler.js';

// Modes, lives and `frames`, on a cartridge of our own that plays by the rules of breakout: its mode is in $b2.
const listing = fileURLToPath(new URL('../support/cartridges/counters.asm', import.meta.url));
const rom = assemble(readFileSync(listing, 'utf8'));
const open = (options: Partial<AtariBatchOptions> = {}) =>
  new AtariBatch({ game: 'breakout', rom, repeatActionProbability: 0, outputs: ['ram'], ...options });
const mode = (batch: AtariBatch, slot: number) => batch.ram![128 * slot + 0x32];
const setLives = (batch: AtariBatch, lives: number) => batch.setRam(0, 0x39, lives);

describe('modes are the slots’ own', () => {
  test('reset({ slots, mode }) changes those slots only, for good', () => {
    const batch = open({ slots: 3, threads: 1 });
    batch.reset({ slots: [1], mode: 12 });
    batch.reset({ slots: [0] });
    assert.deepEqual(
      [0, 1, 2].map((slot) => mode(batch, slot)),
      [0, 12, 0],
    );
    batch.reset({ seeds: [1, 2, 3] });
    assert.deepEqual(
      [0, 1, 2].map((slot) => mode(batch, slot)),
      [0, 12, 0],
    );
    batch.reset({ mode: 4 });
    assert.deepEqual(
      [0, 1, 2].map((slot) => mode(batch, slot)),
      [4, 4, 4],
    );
    batch.close();
  });

  test('a restored slot stays in the mode of its state', () => {
    const [twelve, zero] = [open({ mode: 12 }), open({ slots: 2 })];
    zero.restore(twelve.save(), { slots: [1] });
    zero.reset();
    assert.deepEqual([mode(zero, 0), mode(zero, 1)], [0, 12]);
    zero.reset({ seeds: [7, 8] });
    assert.deepEqual([mode(zero, 0), mode(zero, 1)], [0, 12]);
    twelve.close();
    zero.close();
  });

  test('so are difficulties', () => {
    // The switches are seen through a program that copies SWCHB to $85.
    const source = readFileSync(listing, 'utf8').replace('lda swchb\n', 'lda swchb\n  sta $85\n');
    const batch = open({ rom: assemble(source), slots: 2, threads: 1 });
    batch.reset({ slots: [0], difficulty: 1 });
    batch.reset({ slots: [1] });
    batch.step([0, 0]);
    assert.deepEqual([batch.ram![5] & 0xc0, batch.ram![128 + 5] & 0xc0], [0x40, 0]);
    batch.close();
  });
});

test('a mode that seed 0 does not reach: the first seed that does makes the batch', () => {
  const seeking = fileURLToPath(new URL('../support/cartridges/seeking.asm', import.meta.url));
  const cube = (repeatActionProbability: number, mode: number) =>
    new AtariBatch({
      game: 'video_cube',
      rom: assemble(readFileSync(seeking, 'utf8')),
      slots: 3,
      mode,
      repeatActionProbability,
      outputs: ['ram'],
    });
  // An action is new where a draw is 0.9 or more: the first one of seeds 0 … 3 is not, that of 4 is 0.967.
  const batch = cube(0.9, 200);
  for (const slot of [0, 1, 2]) assert.equal(batch.ram![128 * slot + 0x1f], 2);
  const made = batch.save();
  for (const seed of [0, 1, 2, 3]) assert.throws(() => batch.reset({ seeds: [seed, seed, seed] }), RomError);
  assert.throws(() => batch.reset({ seeds: [4, 0, 4] }), /slot 1: video_cube did not reach mode 200/);
  assert.deepEqual([...batch.faults], [Fault.none, Fault.modeNotReached, Fault.none]);
  assert.deepEqual([batch.errorText(0), batch.errorText(1)], ['', 'video_cube did not reach mode 200']);
  batch.reset({ seeds: [4, 4, 4] });
  assert.deepEqual(batch.save().serialize(), made.serialize());
  assert.deepEqual([...batch.faults], [0, 0, 0]);
  batch.close();
  cube(1, 100).close();
  assert.throws(() => cube(1, 200), RomError);
});

describe('lost lives', () => {
  test('lifeLost: fewer than the step found, but some', () => {
    const batch = open();
    batch.step([0]);
    const after = (lives: number) => {
      setLives(batch, lives);
      batch.step([0]);
      return [batch.lives[0], batch.lifeLost[0], batch.terminated[0]];
    };
    assert.deepEqual(after(5), [5, 0, 0]);
    assert.deepEqual(after(4), [4, 1, 0]);
    assert.deepEqual(after(4), [4, 0, 0]);
    assert.deepEqual(after(6), [6, 0, 0]);
    assert.deepEqual(after(5), [5, 1, 0]);
    batch.step([-1]);
    assert.equal(batch.lifeLost[0], 0);
    assert.deepEqual(after(0), [0, 0, 1]);
    batch.close();
  });

  test('endOnLifeLoss: the step ends there, and the next one goes on', () => {
    for (const endOnLifeLoss of [true, false]) {
      const batch = open({ endOnLifeLoss });
      batch.step([0]);
      const before = batch.episodeFrameNumbers[0];
      batch.setRam(0, 0x38, 2);
      batch.step([0], { acts: 4 });
      const acts = endOnLifeLoss ? 2 : 4;
      assert.deepEqual([batch.lifeLost[0], batch.episodeFrameNumbers[0]], [1, before + acts]);
      assert.deepEqual([batch.terminated[0], batch.truncated[0]], [endOnLifeLoss ? 1 : 0, 0]);
      batch.step([-1]);
      assert.equal(batch.terminated[0], endOnLifeLoss ? 1 : 0, 'a slot left alone stays as it is');
      batch.step([0], { acts: 4 });
      assert.deepEqual([batch.lifeLost[0], batch.episodeFrameNumbers[0]], [0, before + acts + 4]);
      assert.deepEqual([batch.terminated[0], batch.truncated[0]], [0, 0], 'the game was not over');
      batch.close();
    }
  });
});

test('frames: row s is slot s, whatever the step’s acts', () => {
  const golden = fileURLToPath(new URL('../golden/atari/synthetic/tia02.bin', import.meta.url));
  const batch = new AtariBatch({
    game: 'qbert',
    rom: golden,
    slots: 2,
    threads: 1,
    acts: 4,
    repeatActionProbability: 0,
    outputs: ['frames', 'greys'],
    preprocess: { width: 160, height: 210, maxPool: false },
  });
  const size = 160 * 210;
  const frame = (slot: number, act: number) =>
    batch.frames!.slice((4 * slot + act) * size, (4 * slot + act + 1) * size);
  const grey = (slot: number) => batch.greys!.slice(slot * size, (slot + 1) * size);
  batch.reset({ seeds: [1, 2] });
  for (const act of [0, 1, 2, 3]) assert.deepEqual(frame(1, act), grey(1));
  batch.step([3, 4], { acts: 4 });
  assert.deepEqual(frame(1, 3), grey(1));
  const all = [0, 1, 2, 3].map((act) => frame(0, act));
  batch.step([-1, 4], { acts: 2 });
  assert.deepEqual(
    [0, 1, 2, 3].map((act) => frame(0, act)),
    all,
  );
  for (const act of [1, 2, 3]) assert.deepEqual(frame(1, act), grey(1));
  batch.step([3, 4], { acts: 2 });
  for (const slot of [0, 1]) assert.deepEqual(frame(slot, 1), grey(slot));
  const zero = [0, 1, 2, 3].map((act) => frame(0, act));
  batch.reset({ slots: [1] });
  for (const act of [0, 1, 2, 3]) assert.deepEqual([frame(1, act), frame(0, act)], [grey(1), zero[act]]);
  batch.close();
});

test('setRam is seen in `ram` at once', () => {
  const batch = open({ slots: 2 });
  batch.setRam(1, 10, 77);
  assert.equal(batch.ram![138], 77);
  batch.close();
});
