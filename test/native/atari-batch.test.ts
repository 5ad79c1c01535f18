import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  ArgumentError,
  ClosedError,
  MemoryError,
  NotFoundError,
  RomError,
  SnapshotError,
} from '../../src/base/errors.js';
import { AtariBatch, type AtariBatchOptions } from '../../src/native/atari-batch.js';
import { AtariStates } from '../../src/native/atari-states.js';

const cartridge = (name: string) => fileURLToPath(new URL(`../golden/atari/synthetic/${name}.bin`, import.meta.url));
const OUTPUTS = ['ram', 'screens', 'greys', 'rgb', 'picture'] as const;

function open(options: Partial<AtariBatchOptions> = {}): AtariBatch {
  return new AtariBatch({ game: 'qbert', rom: cartridge('tia02'), outputs: [...OUTPUTS], ...options });
}

/** Everything a batch shows. */
function shown(batch: AtariBatch): unknown {
  const { rewards, lives, terminated, truncated, frameNumbers, episodeFrameNumbers } = batch;
  const large = OUTPUTS.map((name) => batch[name]!.slice());
  return structuredClone({ rewards, lives, terminated, truncated, frameNumbers, episodeFrameNumbers, large });
}

const action = (slot: number, step: number) => (slot * 7 + step * 5) % 18;

function play(batch: AtariBatch, from: number, to: number, acts = 1): void {
  for (let step = from; step < to; step++) {
    batch.step(
      Array.from({ length: batch.slots }, (_, slot) => action(slot, step)),
      { acts },
    );
  }
}

describe('AtariBatch', () => {
  test('slots do not depend on how many there are, nor on threads', () => {
    const wide = open({ slots: 9, threads: 3, repeatActionProbability: 0.25 });
    wide.reset({ seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8] });
    play(wide, 0, 40);
    for (const slot of [0, 4, 8]) {
      const alone = open({ repeatActionProbability: 0.25 });
      alone.reset({ seeds: [slot] });
      for (let step = 0; step < 40; step++) alone.step([action(slot, step)]);
      const pixels = wide.screenHeight * wide.screenWidth;
      assert.deepEqual(alone.ram, wide.ram!.slice(128 * slot, 128 * (slot + 1)));
      assert.deepEqual(alone.screens, wide.screens!.slice(pixels * slot, pixels * (slot + 1)));
      assert.deepEqual(alone.rgb, wide.rgb!.slice(3 * pixels * slot, 3 * pixels * (slot + 1)));
      assert.deepEqual(alone.picture, wide.picture!.slice(84 * 84 * slot, 84 * 84 * (slot + 1)));
      alone.close();
    }
    wide.close();
  });

  test('grey and RGB are the palette’s', () => {
    const batch = open();
    play(batch, 0, 20);
    assert.equal(batch.palette.length, 256);
    for (let i = 0; i < batch.screens!.length; i += 97) {
      const index = batch.screens![i]!;
      const colour = batch.palette[index]!;
      assert.deepEqual([...batch.rgb!.slice(3 * i, 3 * i + 3)], [colour >> 16, (colour >> 8) & 255, colour & 255]);
      assert.equal(batch.greys![i], batch.greyPalette[index]);
    }
    batch.close();
  });

  test('a restore brings back all that is shown, and the future', () => {
    const batch = open({ slots: 3, repeatActionProbability: 0.25 });
    batch.reset({ seeds: [1, 2, 3] });
    for (let start = 0; start < 60; start += 12) {
      play(batch, start, start + 12);
      const before = shown(batch);
      const states = batch.save();
      play(batch, start + 50, start + 57);
      const future = shown(batch);
      batch.restore(AtariStates.deserialize(states.serialize()));
      // The reward of the last step is part of what is shown; it comes back as well.
      assert.deepEqual(shown(batch), before);
      play(batch, start + 50, start + 57);
      assert.deepEqual(shown(batch), future);
      batch.restore(states);
    }
    batch.close();
  });

  test('memory of states can be used again', () => {
    const batch = open({ slots: 3 });
    play(batch, 0, 8);
    const first = batch.save();
    const copy = first.bytes.slice();
    play(batch, 8, 16);
    const again = batch.save({ into: first });
    assert.equal(again, first);
    assert.notDeepEqual(again.bytes, copy);
    const before = shown(batch);
    play(batch, 16, 20);
    batch.restore(again);
    assert.deepEqual(shown(batch), before);
    assert.notEqual(batch.save({ slots: [0], into: first }), first);
    batch.close();
  });

  test('one state fills many slots of another batch of the same ROM', () => {
    const one = open();
    one.reset({ seeds: [5] });
    play(one, 0, 30);
    const many = open({ slots: 4 });
    many.restore(one.save(), { slots: [0, 1, 2, 3], rows: [0, 0, 0, 0] });
    const pixels = many.screenHeight * many.screenWidth;
    for (let slot = 0; slot < 4; slot++) {
      assert.deepEqual(many.ram!.slice(128 * slot, 128 * (slot + 1)), one.ram);
      assert.deepEqual(many.screens!.slice(pixels * slot, pixels * (slot + 1)), one.screens);
    }
    one.close();
    many.close();
  });

  test('without the generator a restore leaves the slot’s own', () => {
    const batch = open({ repeatActionProbability: 0.5 });
    const run = (seed: number, generator: boolean) => {
      batch.reset({ seeds: [1] });
      const states = batch.save({ generator });
      batch.seed([seed]);
      batch.restore(states);
      play(batch, 0, 40);
      return batch.ram!.slice();
    };
    assert.deepEqual(run(7, true), run(8, true));
    assert.notDeepEqual(run(7, false), run(8, false));
    batch.close();
  });

  test('a step of several acts repeats its action; -1 leaves a slot alone', () => {
    const [once, twice] = [open(), open()];
    for (let step = 0; step < 10; step++) {
      once.step([action(0, step)]);
      once.step([action(0, step)]);
      twice.step([action(0, step)], { acts: 2 });
    }
    assert.deepEqual(once.ram, twice.ram);
    assert.deepEqual(once.screens, twice.screens);
    const before = [twice.ram!.slice(), twice.frameNumbers[0]];
    twice.step([-1]);
    assert.deepEqual([twice.ram, twice.frameNumbers[0]], before);
    once.close();
    twice.close();
  });

  test('a limit of frames truncates, and nothing moves after it', () => {
    const batch = open({ maxFramesPerEpisode: 5 });
    batch.reset();
    play(batch, 0, 5);
    assert.deepEqual([batch.truncated[0], batch.terminated[0]], [1, 0]);
    const before = batch.ram!.slice();
    play(batch, 5, 9);
    assert.deepEqual(batch.ram, before);
    batch.reset();
    assert.deepEqual([batch.truncated[0], batch.episodeFrameNumbers[0]], [0, 0]);
    batch.close();
  });

  test('setRam is seen by the next frame', () => {
    const [poked, plain] = [open(), open()];
    poked.setRam(0, 100, (plain.ram![100]! + 1) & 255);
    poked.step([0]);
    plain.step([0]);
    assert.notDeepEqual(poked.ram, plain.ram);
    poked.close();
    plain.close();
  });
});

describe('bad input', () => {
  const refused = (body: () => unknown, type: new (...args: never[]) => Error, message: RegExp) => {
    assert.throws(body, (error: Error) => {
      assert.ok(error instanceof type, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  };

  test('options', () => {
    refused(() => new AtariBatch({}), ArgumentError, /needs a game/);
    refused(() => open({ game: 'qbret' }), NotFoundError, /qbert/);
    refused(() => new AtariBatch({ rom: cartridge('tia02') }), RomError, /no known cartridge/);
    refused(() => open({ rom: new Uint8Array(3000) }), RomError, /./);
    refused(() => open({ rom: new Uint8Array(100) }), RomError, /100 bytes/);
    refused(() => open({ slots: 2 ** 24 }), MemoryError, /16777216 games: \d+\.\d GiB; expected at most/);
    refused(() => open({ slots: 0 }), ArgumentError, /slots/);
    refused(() => open({ slots: 1.5 }), ArgumentError, /slots/);
    refused(() => open({ repeatActionProbability: Number.NaN }), ArgumentError, /repeatActionProbability/);
    refused(() => open({ mode: 3 }), ArgumentError, /no mode 3.*one of 0/);
    refused(() => open({ difficulty: 2 }), ArgumentError, /no difficulty 2.*one of 0, 1/);
    refused(() => open({ frameskip: 4 } as never), NotFoundError, /frameskip.*frameSkip/);
    refused(() => open({ outputs: ['pixels'] as never }), ArgumentError, /outputs/);
  });

  test('calls; other slots and the batch stay as they were', () => {
    const batch = open({ slots: 2 });
    play(batch, 0, 3);
    const before = shown(batch);
    refused(() => batch.step([0]), ArgumentError, /1 actions/);
    refused(() => batch.step([0, 18]), ArgumentError, /slot 1 is 18/);
    refused(() => batch.step([0, Number.NaN]), ArgumentError, /slot 1 is NaN/);
    refused(() => batch.step([0.5, 0]), ArgumentError, /slot 0 is 0.5/);
    refused(() => batch.step([0, 0], { acts: 0 }), ArgumentError, /acts = 0/);
    refused(() => batch.reset({ slots: [2] }), ArgumentError, /slot = 2/);
    refused(() => batch.reset({ slots: [0, 0] }), ArgumentError, /twice/);
    refused(() => batch.reset({ seeds: [1] }), ArgumentError, /1 seeds for 2/);
    refused(() => batch.reset({ seeds: [1, -1] }), ArgumentError, /seed is -1/);
    refused(() => batch.reset({ mode: 9 }), ArgumentError, /no mode 9/);
    refused(() => batch.setRam(0, 128, 0), ArgumentError, /address = 128/);
    refused(() => batch.setRam(0, 0, 256), ArgumentError, /value = 256/);
    refused(() => batch.restore(batch.save(), { slots: [0], rows: [2] }), ArgumentError, /row = 2/);
    assert.deepEqual(shown(batch), before);
    batch.close();
  });

  test('states of another ROM, cut, damaged or foreign', () => {
    const batch = open({ slots: 2 });
    const other = new AtariBatch({ game: 'qbert', rom: cartridge('tia04'), slots: 2 });
    const before = shown(batch);
    refused(() => batch.restore(other.save()), SnapshotError, /./);
    const states = batch.save();
    for (const at of [0, 4, 8, 20, 40]) {
      const bytes = states.bytes.slice();
      bytes[at]! ^= 0x55;
      const damaged = new AtariStates(bytes, states.offsets);
      refused(() => batch.restore(damaged, { slots: [1], rows: [0] }), SnapshotError, /./);
    }
    const cut = new AtariStates(states.bytes.slice(0, 20), Uint32Array.of(0, 20));
    refused(() => batch.restore(cut, { slots: [0] }), SnapshotError, /./);
    assert.deepEqual(shown(batch), before);
    const data = states.serialize();
    refused(() => AtariStates.deserialize(data.slice(0, -1)), SnapshotError, /damaged/);
    refused(() => AtariStates.deserialize(new Uint8Array(10)), SnapshotError, /no saved/);
    const flipped = data.slice();
    flipped[data.length - 5]! ^= 1;
    refused(() => AtariStates.deserialize(flipped), SnapshotError, /damaged/);
    other.close();
    batch.close();
  });

  test('a closed batch', () => {
    const batch = open();
    batch.close();
    batch.close();
    refused(() => batch.step([0]), ClosedError, /closed/);
    refused(() => batch.reset(), ClosedError, /closed/);
    refused(() => batch.save(), ClosedError, /closed/);
    assert.equal(batch.ram!.length, 0);
  });

  test('a cartridge that never ends a frame is bounded', () => {
    const stuck = new Uint8Array(4096).fill(0xea);
    stuck.set([0x4c, 0x00, 0xf0], 0xff0);
    stuck.set([0x00, 0xf0, 0x00, 0xf0, 0x00, 0xf0], 0xffa);
    const batch = new AtariBatch({ game: 'enduro', rom: stuck, outputs: ['ram', 'screens'] });
    batch.reset();
    for (let step = 0; step < 5; step++) batch.step([0]);
    assert.equal(batch.frameNumbers[0], 5);
    batch.close();
  });
});
