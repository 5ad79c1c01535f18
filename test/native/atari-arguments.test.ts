import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ArgumentError, ClosedError, NotFoundError, SnapshotError, TrellisError } from '../../src/base/errors.js';
import { AtariBatch, type AtariBatchOptions } from '../../src/native/atari-batch.js';
import { AtariStates } from '../../src/native/atari-states.js';

// What callers can hand to an Atari batch that native code must never see.
const rom = readFileSync(fileURLToPath(new URL('../golden/atari/synthetic/tia02.bin', import.meta.url)));
const open = (options: Partial<AtariBatchOptions> = {}) => new AtariBatch({ game: 'qbert', rom, ...options });
const equal = (a: AtariStates, b: AtariStates) =>
  assert.deepEqual(a.bytes.subarray(0, a.offsets[a.count]), b.bytes.subarray(0, b.offsets[b.count]));

describe('arguments of an Atari batch', () => {
  test('save({ into }) gives the present states, whatever room there is', () => {
    const batch = open({ slots: 4, threads: 1 });
    const small = new AtariStates(new Uint8Array(16), new Uint32Array(5));
    const fresh = batch.save({ into: small });
    assert.notEqual(fresh, small);
    equal(fresh, batch.save());
    assert.ok(small.bytes.every((byte) => byte === 0));
    assert.notEqual(batch.save({ into: new AtariStates(new Uint8Array(1e6), new Uint32Array(4)) }).count, 3);
    const roomy = new AtariStates(new Uint8Array(1e6), new Uint32Array(5));
    assert.equal(batch.save({ into: roomy }), roomy);
    equal(roomy, fresh);
    // Records grow once the generator of sticky actions has drawn 1248 numbers.
    let kept = batch.save();
    for (let step = 0; step < 700; step++) batch.step([2, 3, -1, 5]);
    const later = batch.save({ into: kept });
    equal(later, batch.save());
    kept = later;
    assert.equal(batch.save({ into: kept }), kept);
    batch.close();
  });

  test('states of other classes, element types, lengths or memory', () => {
    const batch = open({ slots: 2, threads: 1 });
    const refused = (body: () => unknown) => assert.throws(body, ArgumentError);
    refused(() => new AtariStates(new Uint8Array(9), new Uint8Array(3) as never));
    refused(() => new AtariStates(new Float64Array(9) as never, new Uint32Array(3)));
    refused(() => new AtariStates(new Uint8Array(new SharedArrayBuffer(9)), new Uint32Array(3)));
    refused(() => new AtariStates(new Uint8Array(9), new Uint32Array(0)));
    const { bytes, offsets } = batch.save();
    for (const wrong of [null, {}, { count: 2, bytes, offsets }, { count: 2, bytes: [], offsets: [0, 0, 0] }]) {
      refused(() => batch.save({ into: wrong as never }));
      refused(() => batch.restore(wrong as never));
    }
    const changed = Object.assign(new AtariStates(bytes, offsets), { offsets: new Uint8Array(3) });
    refused(() => batch.save({ into: changed as never }));
    refused(() => batch.restore(changed as never));
    const detached = batch.save();
    structuredClone(null, { transfer: [detached.offsets.buffer as ArrayBuffer] });
    refused(() => batch.restore(detached));
    refused(() => batch.save({ into: detached }));
    // A length that lies is refused, whatever memory there is.
    const lying = batch.save();
    const short = Object.defineProperty(new Uint32Array(1), 'length', { value: 3 });
    const states = Object.assign(lying, { offsets: short });
    refused(() => batch.save({ into: states }));
    refused(() => batch.restore(states, { slots: [0, 1] }));
    batch.close();
  });

  test('forged typed arrays, and those behind a proxy, are refused by name', () => {
    const batch = open({ slots: 2, threads: 1 });
    const refused = (body: () => unknown, message: RegExp) => assert.throws(body, { code: 'ERR_ARGUMENT', message });
    for (const value of [Object.create(Int32Array.prototype), new Proxy(new Int32Array(2), {}), { length: 2n }]) {
      refused(() => batch.step(value), /actions: an object/);
      refused(() => batch.reset({ slots: value }), /slots: an object/);
      refused(() => batch.seed(value), /seeds: an object/);
      refused(() => batch.seed([1, 2], { slots: value }), /slots: an object/);
    }
    const detached = new Uint8Array(4096);
    structuredClone(null, { transfer: [detached.buffer] });
    refused(() => open({ rom: detached }), /rom: its memory was detached/);
    batch.close();
  });

  test('bytes and offsets in one piece of memory', () => {
    const batch = open({ slots: 2, threads: 1 });
    const memory = new ArrayBuffer(20_000);
    const into = new AtariStates(new Uint8Array(memory), new Uint32Array(memory, 0, 3));
    batch.save({ into });
    assert.throws(() => batch.restore(into), SnapshotError);
    batch.close();
  });

  test('getters run before anything is checked', () => {
    const batch = open({ slots: 4, threads: 1 });
    const slots = Int32Array.of(0);
    const seeds = {
      length: 1,
      get 0() {
        slots[0] = 100_000_000;
        return 1;
      },
    };
    batch.reset({ slots, seeds });
    const states = batch.save();
    const records = Int32Array.of(0);
    batch.restore(states, {
      slots: [1],
      get rows() {
        queueMicrotask(() => records.fill(1e8));
        return records;
      },
    });
    const closing = {
      get slots() {
        batch.close();
        return [0];
      },
    };
    assert.throws(() => batch.save(closing), ClosedError);
  });

  test('shared memory is copied where it is read once', () => {
    const image = new Uint8Array(new SharedArrayBuffer(rom.length));
    image.set(rom);
    const batch = open({ rom: image, slots: 4 });
    batch.step(new Int32Array(new SharedArrayBuffer(16)));
    batch.reset({ slots: new Int32Array(new SharedArrayBuffer(4)), seeds: new Uint32Array(new SharedArrayBuffer(4)) });
    assert.equal(batch.frameNumbers[1], 1);
    batch.close();
  });

  test('an output that was transferred away', () => {
    const batch = open({ outputs: ['ram'] });
    structuredClone(null, { transfer: [batch.ram!.buffer as ArrayBuffer] });
    assert.throws(() => batch.step([0]), /transferred away/);
    assert.throws(() => batch.reset(), /transferred away/);
    batch.close();
  });

  test('anything at all: typed errors, and the batch goes on', () => {
    const batch = open({ slots: 2, outputs: ['ram'] });
    const odd = [null, 0, -1, 1.5, Number.NaN, 1e300, 1n, '0', 'slots', true, [], [0, 0], [1e9], {}, new Uint8Array(3)];
    const calls: ((value: never) => unknown)[] = [
      (value) => batch.step(value),
      (value) => batch.step([0, 0], value),
      (value) => batch.step([0, 0], { acts: value }),
      (value) => batch.step([0, 0], { strengths: value }),
      (value) => batch.step([0], { slots: value }),
      (value) => batch.step([value, 0]),
      (value) => batch.reset(value),
      (value) => batch.reset({ slots: value }),
      (value) => batch.reset({ seeds: value }),
      (value) => batch.reset({ mode: value }),
      (value) => batch.reset({ difficulty: value }),
      (value) => batch.load(value),
      (value) => batch.seed([1], { slots: value }),
      (value) => batch.save(value),
      (value) => batch.save({ slots: value }),
      (value) => batch.save({ generator: value }),
      (value) => batch.save({ into: value }),
      (value) => batch.restore(value),
      (value) => batch.restore(batch.save(), value),
      (value) => batch.restore(batch.save(), { slots: value }),
      (value) => batch.restore(batch.save(), { rows: value }),
      (value) => batch.setRam(value, 0, 0),
      (value) => batch.setRam(0, value, 0),
      (value) => batch.setRam(0, 0, value),
      (value) => AtariStates.deserialize(value),
      (value) => open(value),
      (value) => open({ rom: value }),
      (value) => open({ preprocess: value }),
    ];
    let errors = 0;
    for (const call of calls) {
      for (const value of odd) {
        try {
          call(value as never);
        } catch (error) {
          assert.ok(error instanceof TrellisError, `${call} of ${String(value)}: ${error}`);
          errors++;
        }
      }
    }
    assert.ok(errors > 200, `${errors}`);
    batch.reset();
    batch.step([0, 0]);
    batch.close();
  });

  test('keys that no options have; bounds in the wrong order', () => {
    const batch = open();
    const unknown = (body: () => unknown, nearest: RegExp) =>
      assert.throws(body, (error: Error) => error instanceof NotFoundError && nearest.test(error.message));
    unknown(() => batch.reset({ slot: [0] } as never), /"slot".*slots/);
    unknown(() => batch.save({ generators: true } as never), /generator/);
    unknown(() => batch.restore(batch.save(), { row: [0] } as never), /rows/);
    unknown(() => open({ preprocess: { widht: 3 } } as never), /width/);
    assert.throws(() => open({ rewardMinimum: 1, rewardMaximum: 0 }), /rewardMinimum is 1.*at most rewardMaximum, 0/);
    batch.close();
  });

  test('every bit of serialised states is sealed', () => {
    const batch = open({ slots: 2 });
    const data = batch.save().serialize();
    equal(AtariStates.deserialize(data), batch.save());
    for (let at = 0; at < data.length; at += at < 64 ? 1 : 97) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = data.slice();
        damaged[at] ^= 1 << bit;
        assert.throws(() => AtariStates.deserialize(damaged), SnapshotError, `byte ${at}`);
      }
    }
    assert.throws(() => new AtariStates(new Uint8Array(8), Uint32Array.of(0, 9)).serialize(), SnapshotError);
    batch.close();
  });

  test('V8 is told of the native memory: batches that nobody closes are collected', async () => {
    const before = process.memoryUsage.rss();
    let most = 0;
    for (let i = 0; i < 40; i++) {
      open({ slots: 4000, threads: 1 }); // about 19 MB
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, process.memoryUsage.rss() - before);
    }
    assert.ok(most < 400e6, `${most}`);
  });
});
