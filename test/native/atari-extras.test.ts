import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crc32, inflateSync } from 'node:zlib';
import { ArgumentError, SnapshotError } from '../../src/base/errors.js';
import { AtariBatch, type AtariBatchOptions } from '../../src/native/atari-batch.js';
import { AtariStates } from '../../src/native/atari-states.js';

const golden = (name: string) => fileURLToPath(new URL(`../golden/atari/synthetic/${name}`, import.meta.url));

function open(options: Partial<AtariBatchOptions> = {}): AtariBatch {
  return new AtariBatch({ game: 'qbert', rom: golden('tia02.bin'), repeatActionProbability: 0, ...options });
}

describe('sound', () => {
  const lines = readFileSync(golden('sound01.csv'), 'utf8').trimEnd().split('\n').slice(1);
  const listen = (slots = 1) =>
    new AtariBatch({
      game: 'tetris',
      rom: golden('sound01.bin'),
      slots,
      repeatActionProbability: 0,
      outputs: ['audio'],
    });

  test('each act’s 512 samples are those that ale-py made of the same cartridge', () => {
    const batch = listen();
    batch.reset({ seeds: [1] });
    assert.deepEqual(batch.audio, new Uint8Array(512), 'nothing was heard yet');
    for (const line of lines) {
      batch.step([0]);
      assert.equal(`${batch.frameNumbers[0]},${crc32(batch.audio!).toString(16).padStart(8, '0')}`, line);
    }
    batch.close();
  });

  test('a restore brings back what was heard, and what will be', () => {
    const batch = listen(2);
    for (let act = 0; act < 40; act++) batch.step([0, act < 20 ? 0 : -1]);
    const states = AtariStates.deserialize(batch.save().serialize());
    const heard = batch.audio!.slice();
    const play = () => {
      for (let act = 0; act < 9; act++) batch.step([0, 0]);
      return batch.audio!.slice();
    };
    const future = play();
    assert.notDeepEqual(heard.subarray(0, 512), heard.subarray(512), 'the slots are at different places');
    batch.restore(states);
    assert.deepEqual(batch.audio, heard);
    assert.deepEqual(play(), future);
    batch.close();
  });
});

test('strengths of paddles are one a slot, 0 … 1', () => {
  const batch = open({ slots: 3 });
  batch.step([3, 3, 3], { strengths: [1, 0.25, 0] });
  assert.throws(() => batch.step([3, 3, 3], { strengths: [1, 1] }), ArgumentError);
  assert.throws(() => batch.step([3, 3, 3], { strengths: [1, 1, 1.5] }), /strength is 1.5.*0 … 1/);
  assert.throws(() => batch.step([3, 3, 3], { strengths: [1, Number.NaN, 1] }), ArgumentError);
  batch.close();
});

test('each slot has its own number of acts', () => {
  const batch = open({ slots: 3, outputs: ['ram', 'picture'] });
  batch.step([2, 2, 2], { acts: [1, 3, 4] });
  assert.deepEqual([...batch.frameNumbers], [1, 3, 4]);
  const alone = open({ outputs: ['ram', 'picture'] });
  alone.step([2], { acts: 3 });
  assert.deepEqual(batch.ram!.slice(128, 256), alone.ram);
  assert.deepEqual(batch.picture!.slice(84 * 84, 2 * 84 * 84), alone.picture);
  assert.throws(() => batch.step([2, 2, 2], { acts: [1, 0, 1] }), /acts = 0/);
  assert.throws(() => batch.step([2, 2, 2], { acts: [1, 1] }), /2 acts for 3 slots/);
  batch.close();
  alone.close();
});

describe('difficulty and mode', () => {
  test('a difficulty works from the next frame on, without a reset', () => {
    const [switched, plain] = [open({ slots: 2, outputs: ['ram'] }), open({ outputs: ['ram'] })];
    switched.step([0, 0]);
    switched.setDifficulty(1, { slots: [1] });
    assert.deepEqual([...switched.difficulties], [0, 1]);
    switched.step([0, 0]);
    assert.deepEqual([...switched.difficulties], [0, 1]);
    const states = switched.save({ slots: [1] });
    plain.restore(states);
    assert.equal(plain.difficulties[0], 1);
    plain.reset();
    assert.equal(plain.difficulties[0], 1);
    assert.throws(() => plain.setDifficulty(2), /no difficulty 2.*0, 1/);
    assert.throws(() => plain.setMode(1), /no mode 1/);
    switched.close();
    plain.close();
  });
});

describe('pictures', () => {
  const preprocess = { width: 40, height: 52, colour: true, stack: 3, maxPool: false };
  const size = 40 * 52 * 3;

  test('coloured ones are the means of the screen’s channels', () => {
    const batch = open({ preprocess: { ...preprocess, stack: 1 }, outputs: ['picture', 'rgb'] });
    for (let step = 0; step < 12; step++) batch.step([step]);
    let different = 0;
    for (const [y, x, c] of [
      [0, 0, 0],
      [13, 20, 1],
      [51, 39, 2],
      [30, 7, 0],
      [44, 25, 1],
    ] as const) {
      let sum = 0;
      for (let i = 0; i < 16; i++) sum += batch.rgb![3 * ((4 * y + 1 + (i >> 2)) * 160 + 4 * x + (i & 3)) + c];
      assert.ok(Math.abs(batch.picture![3 * (40 * y + x) + c] - sum / 16) <= 0.5);
    }
    for (let i = 0; i < size; i += 3) if (batch.picture![i] !== batch.picture![i + 1]) different++;
    assert.ok(different > 0, 'there are colours');
    batch.close();
  });

  test('begin anew with the present screen, when they are told to', () => {
    const shape = { ...preprocess, maxPool: true };
    const pooled = open({ slots: 2, preprocess: shape, outputs: ['picture'] });
    const plain = open({ slots: 2, preprocess: { ...shape, stack: 1, maxPool: false }, outputs: ['picture'] });
    for (const batch of [pooled, plain]) for (let step = 0; step < 3; step++) batch.step([step, 2]);
    const before = pooled.picture!.slice();
    pooled.restartPictures({ slots: [1] });
    assert.deepEqual(pooled.picture!.slice(0, 3 * size), before.slice(0, 3 * size), 'the other slot is left alone');
    const row = pooled.picture!.slice(3 * size);
    assert.deepEqual(row, Uint8Array.of(...new Uint8Array(2 * size), ...plain.picture!.slice(size)));
    const states = pooled.save();
    for (let step = 0; step < 2; step++) pooled.step([3, 4]);
    pooled.restore(states);
    assert.deepEqual(pooled.picture!.slice(3 * size), row);
    assert.throws(() => pooled.restartPictures({ slots: [2] }), { code: 'ERR_ARGUMENT' });
    pooled.close();
    plain.close();
    assert.throws(() => plain.restartPictures(), { code: 'ERR_CLOSED' });
  });

  test('stacks hold the last ones, oldest first, and are part of the state', () => {
    const stacked = open({ slots: 2, preprocess, outputs: ['picture'] });
    const single = open({ slots: 2, preprocess: { ...preprocess, stack: 1 }, outputs: ['picture'] });
    const last = (slot: number, back: number) =>
      stacked.picture!.slice((3 * slot + 2 - back) * size, (3 * slot + 3 - back) * size);
    const now = (slot: number) => single.picture!.slice(slot * size, (slot + 1) * size);
    assert.deepEqual([last(1, 2), last(1, 1), last(1, 0)], [new Uint8Array(size), new Uint8Array(size), now(1)]);
    const seen = [];
    for (let step = 0; step < 8; step++) {
      for (const batch of [stacked, single]) batch.step([step, step + 1], { acts: 2 });
      seen.push(now(1));
    }
    assert.deepEqual([last(1, 2), last(1, 1), last(1, 0)], seen.slice(-3));
    const before = stacked.picture!.slice();
    const states = AtariStates.deserialize(stacked.save().serialize());
    for (let step = 0; step < 5; step++) stacked.step([2, 3]);
    stacked.reset({ slots: [0] });
    assert.deepEqual(last(0, 1), new Uint8Array(size));
    stacked.restore(states);
    assert.deepEqual(stacked.picture, before);
    // Into a batch without stacks, but not from one.
    single.restore(states);
    assert.deepEqual(now(1), last(1, 0));
    assert.throws(() => stacked.restore(single.save()), SnapshotError);
    assert.deepEqual(stacked.picture, before);
    stacked.close();
    single.close();
    assert.throws(() => open({ preprocess }), /picture/);
  });

  test('png() is the screen, each pixel twice', () => {
    const batch = open({ slots: 2, outputs: ['screens', 'rgb'] });
    batch.step([1, 2], { acts: 5 });
    const file = Buffer.from(batch.png(1));
    assert.deepEqual([file.readUInt32BE(16), file.readUInt32BE(20), file.toString('latin1', 1, 4)], [320, 210, 'PNG']);
    const at = file.indexOf('IDAT');
    const rows = inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4)));
    const pixels = 160 * 210;
    for (let i = 0; i < pixels; i += 41) {
      const [x, y] = [i % 160, Math.floor(i / 160)];
      const start = y * 961 + 1 + 6 * x;
      const colour = [...batch.rgb!.subarray(3 * (pixels + i), 3 * (pixels + i) + 3)];
      assert.deepEqual([...rows.subarray(start, start + 6)], [...colour, ...colour]);
    }
    assert.throws(() => open().png(0), /screens/);
    batch.close();
  });
});
