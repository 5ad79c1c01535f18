import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ArgumentError, ClosedError, NotFoundError } from '../../src/base/errors.js';
import { type BatchSimulator, Fault } from '../../src/native/batch-simulator.js';
import type { Slots } from '../../src/native/slots.js';

/** A simulator as the suite sees it. */
export interface Subject<Saved, Step extends unknown[]> {
  make(slots: number, threads: number): BatchSimulator<Saved, Step>;
  /** Arguments of a step of `slots` in which slot s is given input number inputs[s]. */
  input(batch: BatchSimulator<Saved, Step>, inputs: readonly number[], slots: readonly number[]): Step;
  /** Arguments of a step of all slots, with these options. */
  options(batch: BatchSimulator<Saved, Step>, options: object): Step;
  /** All that can be read of a slot. */
  shown(batch: BatchSimulator<Saved, Step>, slot: number): unknown;
  /** Every array of a batch. */
  arrays(batch: BatchSimulator<Saved, Step>): ArrayLike<number>[];
  /** What was saved of row `row`, comparable. */
  row(saved: Saved, row: number): string;
}

/** What every BatchSimulator promises (src/native/batch-simulator.ts). */
export function batchConformance<Saved, Step extends unknown[]>(name: string, subject: Subject<Saved, Step>): void {
  type Batch = BatchSimulator<Saved, Step>;
  const all = (batch: Batch) => Array.from({ length: batch.slots }, (_, slot) => slot);
  const shown = (batch: Batch) => structuredClone(all(batch).map((slot) => subject.shown(batch, slot)));
  /** Steps from time `from` on; item items[s] decides what slot s is given. */
  const play = (batch: Batch, from: number, to: number, items: readonly number[] = all(batch)) => {
    for (let time = from; time < to; time++) {
      const inputs = items.map((item) => 3 * item + time);
      assert.equal(batch.step(...subject.input(batch, inputs, all(batch))), 0);
    }
  };
  const using = (slots: number, use: (batch: Batch) => void, threads = 1) => {
    const batch = subject.make(slots, threads);
    try {
      use(batch);
    } finally {
      batch.close();
    }
  };

  describe(`batch conformance: ${name}`, () => {
    test('results depend neither on N nor on threads', () => {
      using(
        7,
        (wide) => {
          play(wide, 0, 12);
          using(2, (narrow) => {
            play(narrow, 0, 12, [5, 1]);
            assert.deepEqual(
              [subject.shown(narrow, 0), subject.shown(narrow, 1)],
              [subject.shown(wide, 5), subject.shown(wide, 1)],
            );
            const [rows, wideRows] = [narrow.save(), wide.save()];
            assert.equal(subject.row(rows, 0), subject.row(wideRows, 5));
          });
        },
        3,
      );
    });

    test('only the slots named move, in whatever order they are named', () => {
      using(4, (batch) => {
        play(batch, 0, 3);
        const before = shown(batch);
        batch.step(...subject.input(batch, [4, 4, 4, 4], [3, 1]));
        const after = shown(batch);
        for (const slot of [0, 2])
          assert.deepEqual(subject.row(batch.save({ slots: [slot] }), 0), subject.row(batch.save(), slot));
        assert.notDeepEqual([after[1], after[3]], [before[1], before[3]]);
        using(4, (other) => {
          play(other, 0, 3);
          assert.equal(subject.row(batch.save(), 2), subject.row(other.save(), 2));
          other.step(...subject.input(other, [4, 4, 4, 4], [1, 3]));
          for (const slot of all(batch)) assert.equal(subject.row(batch.save(), slot), subject.row(other.save(), slot));
        });
        batch.step(...subject.input(batch, [], []));
        assert.deepEqual(shown(batch), after, 'none named: none moves');
      });
    });

    test('save and restore: slots, rows, any number of times, into any batch', () => {
      using(3, (trunk) => {
        play(trunk, 0, 9);
        const saved = trunk.save({ slots: [2, 0] });
        const [two, zero] = [subject.shown(trunk, 2), subject.shown(trunk, 0)].map((one) => structuredClone(one));
        play(trunk, 9, 14);
        const future = subject.row(trunk.save(), 2);
        using(
          5,
          (branches) => {
            assert.equal(branches.restore(saved, { slots: [4, 0, 1], rows: [0, 0, 1] }), 0);
            assert.deepEqual(
              [4, 0, 1].map((slot) => subject.shown(branches, slot)),
              [two, two, zero],
            );
            play(branches, 9, 14, [2, 0, 0, 0, 2]);
            for (const slot of [0, 4]) assert.equal(subject.row(branches.save(), slot), future);
            branches.restore(saved, { slots: [3, 2] });
            assert.deepEqual([subject.shown(branches, 3), subject.shown(branches, 2)], [two, zero]);
          },
          2,
        );
      });
    });

    test('saved memory is used again, rows are in the order named', () => {
      using(3, (batch) => {
        play(batch, 0, 5);
        const first = batch.save();
        const row = subject.row(first, 1);
        assert.equal(subject.row(batch.save({ slots: Int32Array.of(1) }), 0), row);
        play(batch, 5, 8);
        assert.equal(batch.save({ into: first }), first);
        assert.notEqual(subject.row(first, 1), row);
        assert.equal(subject.row(first, 1), subject.row(batch.save(), 1));
      });
    });

    test('a reset starts those slots like new ones', () => {
      using(3, (batch) => {
        play(batch, 0, 6);
        const before = shown(batch);
        assert.equal(batch.reset({ slots: [1] }), 0);
        assert.deepEqual([subject.shown(batch, 0), subject.shown(batch, 2)], [before[0], before[2]]);
        assert.notDeepEqual(subject.shown(batch, 1), before[1]);
        assert.equal(batch.reset(), 0);
      });
    });

    test('no slot has a fault where nothing happened', () => {
      using(2, (batch) => {
        play(batch, 0, 3);
        assert.deepEqual([...batch.faults], [Fault.none, Fault.none]);
        assert.deepEqual([batch.errorText(0), batch.errorText(1)], ['', '']);
        assert.throws(() => batch.errorText(2), ArgumentError);
      });
    });

    test('slots are refused alike in every call, and nothing has changed', () => {
      using(3, (batch) => {
        play(batch, 0, 2);
        const [before, saved] = [shown(batch), batch.save()];
        const calls: ((slots: Slots) => unknown)[] = [
          (slots) => batch.step(...subject.options(batch, { slots })),
          (slots) => batch.reset({ slots }),
          (slots) => batch.save({ slots }),
          (slots) => batch.restore(saved, { slots }),
        ];
        const refused: [unknown, RegExp][] = [
          [[3], /slot = 3; expected an integer, 0 … 2/],
          [[-1], /slot = -1/],
          [[0.5], /slot = 0\.5/],
          [[0, 2, 0], /slot 0 is named twice/],
          [Int32Array.of(1, 1), /slot 1 is named twice/],
          [Int32Array.of(7), /slot = 7/],
          [new Float64Array(1), /slots/],
          ['all', /slots/],
          [{ length: 1, 0: 0 }, /slots/],
        ];
        for (const [i, call] of calls.entries()) {
          for (const [slots, message] of refused) {
            assert.throws(
              () => call(slots as Slots),
              (error: Error) => error instanceof ArgumentError && message.test(error.message),
              `call ${i}, ${String(slots)}`,
            );
          }
        }
        assert.throws(() => batch.save({ slot: [0] } as never), NotFoundError);
        assert.throws(() => batch.restore(saved, { slots: [0] }), /3 rows for 1 slots/);
        assert.throws(() => batch.restore(saved, { slots: [0], rows: [3] }), /row = 3/);
        assert.throws(() => batch.restore(saved, { slots: [0, 1], rows: [2] }), /1 rows for 2 slots/);
        assert.throws(() => batch.restore([] as never), ArgumentError);
        assert.deepEqual(shown(batch), before);
      });
    });

    test('a getter that closes the batch is noticed', () => {
      const calls: ((batch: Batch, saved: Saved, slots: number[]) => unknown)[] = [
        (batch, _, slots) => batch.step(...subject.options(batch, { slots })),
        (batch, _, slots) => batch.reset({ slots }),
        (batch, _, slots) => batch.save({ slots }),
        (batch, saved, slots) => batch.restore(saved, { slots }),
      ];
      for (const call of calls) {
        const batch = subject.make(2, 1);
        const slots = Object.defineProperty([0, 1], 1, { get: () => batch.close() ?? 1 });
        const saved = batch.save();
        assert.throws(() => call(batch, saved, slots), ClosedError);
      }
    });

    test('arrays stay the same objects until close(), which empties them; then every call says so', () => {
      const batch = subject.make(2, 2);
      const arrays = subject.arrays(batch);
      assert.ok(arrays.length > 2 && arrays.every(({ length }) => length > 0));
      assert.equal(batch.slots, 2);
      assert.ok(batch.threads >= 1 && batch.threads <= 2);
      play(batch, 0, 2);
      const saved = batch.save();
      batch.restore(saved);
      assert.ok(subject.arrays(batch).every((array, i) => array === arrays[i]));
      assert.equal(batch.closed, false);
      const step = subject.options(batch, {});
      batch.close();
      batch.close();
      assert.equal(batch.closed, true);
      for (const [i, array] of arrays.entries()) assert.equal(array.length, 0, `array ${i}`);
      const calls = [
        () => batch.step(...step),
        () => batch.reset(),
        () => batch.save(),
        () => batch.restore(saved),
        () => batch.errorText(0),
      ];
      for (const call of calls) {
        assert.throws(call, (error) => error instanceof ClosedError && error.code === 'ERR_CLOSED');
      }
    });
  });
}
