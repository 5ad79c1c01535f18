import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Purpose, streamKeys, uniform } from '../../src/base/random.js';
import { deserializeSnapshot, serializeSnapshot } from '../../src/env/snapshot-bytes.js';
import { makeActions, spaceSize } from '../../src/env/spaces.js';
import type { ActionArray, EnvFactory, EnvOptions, VectorEnv } from '../../src/env/types.js';
import { attackSnapshots } from './snapshot-attacks.js';

export interface ConformanceOptions {
  /** Steps of a replay; default 60. */
  steps?: number;
  /** The same environment with maxEpisodeSteps 5, whose episodes last that long. */
  short: EnvFactory;
  /** Every episode starts alike, whatever the key (most games). */
  sameStarts?: boolean;
  /** The same environment with other options: its snapshots must not fit. */
  other: EnvFactory;
}

/** Actions that depend on (item, time) only, so that any slot of any batch can be given the same ones. */
export function fillActions(env: VectorEnv, actions: ActionArray, time: number, items: ArrayLike<number>): void {
  const space = env.spec.actionSpace;
  const size = spaceSize(space);
  for (let slot = 0; slot < env.slots; slot++) {
    for (let i = 0; i < size; i++) {
      const u = uniform(7, items[slot], time, i);
      actions[slot * size + i] = space.kind === 'discrete' ? Math.floor(u * space.sizes[i]) : 2.4 * u - 1.2;
    }
  }
}

/** All that can be read of one slot. */
function readSlot(env: VectorEnv, slot: number): number[] {
  const size = spaceSize(env.spec.observationSpace);
  return [
    env.rewards[slot],
    env.terminated[slot],
    env.truncated[slot],
    ...env.observations.subarray(slot * size, (slot + 1) * size),
  ];
}

/** What every environment promises (src/env/types.ts), checked on `factory`. */
export function environmentConformance(name: string, factory: EnvFactory, options: ConformanceOptions): void {
  const steps = options.steps ?? 60;
  const { spec } = factory;
  const size = spaceSize(spec.observationSpace);
  const keysOf = (items: number[]) => {
    const all = streamKeys(3, Purpose.scratch, 0, 0, Math.max(...items) + 1);
    return Uint32Array.from(items.flatMap((item) => [all[2 * item], all[2 * item + 1]]));
  };
  const withEnv = (slots: number, use: (env: VectorEnv) => void, made: EnvFactory = factory, o: EnvOptions = {}) => {
    const env = made.make(slots, { threads: 1, ...o });
    try {
      use(env);
    } finally {
      env.close();
    }
  };
  /** Runs items (one per slot) from their start for `count` steps; returns slot readings per step. */
  const run = (env: VectorEnv, items: number[], count: number, from = 0): number[][][] => {
    const actions = makeActions(spec.actionSpace, env.slots);
    const rows: number[][][] = [];
    for (let time = from; time < from + count; time++) {
      fillActions(env, actions, time, items);
      env.step(actions);
      rows.push(items.map((_, slot) => readSlot(env, slot)));
    }
    return rows;
  };

  describe(`${name}: the contract of environments`, () => {
    it('has arrays of the right shapes that stay the same objects', () =>
      withEnv(3, (env) => {
        const { observations, rewards, terminated, truncated } = env;
        assert.equal(env.slots, 3);
        assert.equal(observations.length, 3 * size);
        assert.equal(rewards.length, 3);
        assert.equal(terminated.length, 3);
        assert.equal(truncated.length, 3);
        env.reset();
        run(env, [0, 1, 2], 5);
        assert.equal(env.observations, observations);
        assert.equal(env.rewards, rewards);
        assert.ok(observations.every(Number.isFinite));
        assert.deepEqual(env.spec, spec);
      }));

    it('treats slots never started as finished', () =>
      withEnv(2, (env) => {
        assert.throws(() => run(env, [0, 1], 1), { code: 'ERR_ARGUMENT', message: /reset/ });
        assert.equal(env.simulatorSteps, 0);
        assert.deepEqual([...env.truncated], [1, 1]);
        env.reset([1]);
        run(env, [0, 1], 2);
        assert.equal(env.simulatorSteps, 2);
      }));

    it('starts and runs equally for equal keys, in any slot of any batch, on any number of threads', () => {
      const items = [4, 0, 2, 1, 3];
      let expected: number[][][] = [];
      let starts: number[][] = [];
      withEnv(5, (env) => {
        env.reset(undefined, keysOf(items));
        starts = items.map((_, slot) => readSlot(env, slot));
        expected = run(env, items, steps);
      });
      if (!options.sameStarts) assert.notDeepEqual(starts[0], starts[1], 'different keys, different starts');
      withEnv(
        9,
        (env) => {
          env.reset();
          // Whoever was in a slot leaves nothing behind.
          run(env, [20, 21, 22, 23, 24, 25, 26, 27, 28], 3);
          const slots = [8, 3, 6, 0, 5];
          env.reset(slots, keysOf(items));
          const all = Array.from({ length: 9 }, (_, slot) =>
            slots.includes(slot) ? items[slots.indexOf(slot)] : 20 + slot,
          );
          assert.deepEqual(
            slots.map((slot) => readSlot(env, slot)),
            starts,
          );
          const rows = run(env, all, steps);
          assert.deepEqual(
            rows.map((row) => slots.map((slot) => row[slot])),
            expected,
          );
        },
        factory,
        { threads: 2 },
      );
    });

    it('replays from a snapshot: same slot, other slot, other batch, many slots, serialised', () =>
      withEnv(3, (env) => {
        const items = [0, 1, 2];
        env.reset(undefined, keysOf(items));
        run(env, items, 4);
        const before = items.map((slot) => readSlot(env, slot));
        const saved = env.snapshot();
        const one = env.snapshot([1]);
        const expected = run(env, items, steps, 4);
        env.restore(saved, [0, 1, 2]);
        assert.deepEqual(
          items.map((slot) => readSlot(env, slot)),
          before,
        );
        assert.deepEqual(run(env, items, steps, 4), expected);
        env.restore(saved, [2, 0, 1]);
        const moved = run(env, [1, 2, 0], steps, 4);
        assert.deepEqual(
          moved.map((row) => [row[2], row[0], row[1]]),
          expected,
        );
        withEnv(
          8,
          (branches) => {
            branches.reset();
            const copy = deserializeSnapshot(serializeSnapshot(saved));
            branches.restore(copy, [7, 2, 3, 4], { rows: [2, 0, 0, 1] });
            const many = run(branches, [20, 21, 0, 0, 1, 22, 23, 2], steps, 4);
            assert.deepEqual(
              many.map((row) => [row[2], row[4], row[7]]),
              expected,
            );
            assert.deepEqual(
              many.map((row) => row[3]),
              expected.map((row) => row[0]),
            );
            branches.restore(deserializeSnapshot(serializeSnapshot(one)), [5]);
            assert.deepEqual(readSlot(branches, 5), before[1]);
          },
          factory,
          { threads: 2 },
        );
      }));

    it('leaves other slots alone when some are reset or restored', () => {
      const items = [0, 1, 2, 3];
      let expected: number[][][] = [];
      withEnv(4, (env) => {
        env.reset(undefined, keysOf(items));
        expected = run(env, items, steps);
      });
      withEnv(4, (env) => {
        env.reset(undefined, keysOf(items));
        const early = env.snapshot([0]);
        const head = run(env, items, 3);
        env.restore(early, [1]);
        env.reset([3]);
        const tail = run(env, items, steps - 3, 3);
        assert.deepEqual(
          [...head, ...tail].map((row) => [row[0], row[2]]),
          expected.map((row) => [row[0], row[2]]),
        );
      });
    });

    it('truncates at the episode length, freezes, and counts only real steps', () =>
      withEnv(
        2,
        (env) => {
          env.reset(undefined, keysOf([0, 1]));
          run(env, [0, 1], 3);
          env.reset([1]);
          run(env, [0, 1], 2);
          assert.deepEqual([...env.truncated, ...env.terminated], [1, 0, 0, 0]);
          const frozen = readSlot(env, 0);
          assert.equal(env.simulatorSteps, 10);
          const actions = makeActions(spec.actionSpace, 2);
          actions.fill(spec.actionSpace.kind === 'discrete' ? -1 : Number.NaN, 0, spaceSize(spec.actionSpace));
          env.step(actions);
          assert.equal(env.rewards[0], 0);
          assert.deepEqual(readSlot(env, 0).slice(1), frozen.slice(1));
          assert.equal(env.simulatorSteps, 11);
          const finished = env.snapshot([0]);
          env.reset([0]);
          assert.deepEqual([env.truncated[0], env.rewards[0]], [0, 0]);
          env.restore(finished, [0]);
          assert.equal(env.truncated[0], 1);
          env.step(makeActions(spec.actionSpace, 2));
          assert.equal(env.simulatorSteps, 12);
        },
        options.short,
      ));

    it('refuses actions of a wrong type or length, or that are no actions', () =>
      withEnv(2, (env) => {
        env.reset();
        const start = [readSlot(env, 0), readSlot(env, 1)];
        const wrong = spec.actionSpace.kind === 'discrete' ? new Float32Array(2) : new Int32Array(2);
        const bad = makeActions(spec.actionSpace, 2);
        bad[bad.length - 1] = spec.actionSpace.kind === 'discrete' ? 10_000 : Number.NaN;
        for (const actions of [wrong, makeActions(spec.actionSpace, 3), makeActions(spec.actionSpace, 1), bad]) {
          assert.throws(() => env.step(actions), { code: 'ERR_ARGUMENT' });
        }
        assert.deepEqual([readSlot(env, 0), readSlot(env, 1)], start, 'a refused step changes nothing');
        assert.equal(env.simulatorSteps, 0);
      }));

    it('refuses absurd slots, keys, rows and sizes', () =>
      withEnv(2, (env) => {
        env.reset();
        const saved = env.snapshot();
        for (const slots of [[2], [-1], [0.5], [0, 0]]) {
          assert.throws(() => env.reset(slots), { code: 'ERR_ARGUMENT' });
          assert.throws(() => env.snapshot(slots), { code: 'ERR_ARGUMENT' });
        }
        for (const slots of [42, null, 'all', {}, { length: 1, 0: 0 }, ['0'], new Array(1), new Uint8Array(1)]) {
          assert.throws(() => env.reset(slots as number[]), { code: 'ERR_ARGUMENT' });
          assert.throws(() => env.restore(saved, slots as number[]), { code: 'ERR_ARGUMENT' });
        }
        for (const keys of [new Uint32Array(1), new Uint32Array(3), new Int32Array(2), [1, 2], 7, null]) {
          assert.throws(() => env.reset([0], keys as Uint32Array), { code: 'ERR_ARGUMENT' });
          assert.throws(() => env.restore(env.snapshot([0]), [0], { keys: keys as Uint32Array }), {
            code: 'ERR_ARGUMENT',
          });
        }
        assert.throws(() => env.restore(saved, [0], { row: [0] } as object), { code: 'ERR_NOT_FOUND' });
        assert.throws(() => factory.make(1, { thread: 1 } as object), { code: 'ERR_NOT_FOUND', message: /threads/ });
        assert.throws(() => env.restore(saved, [0]), { code: 'ERR_ARGUMENT' });
        assert.throws(() => env.restore(saved, [0], { rows: [2] }), { code: 'ERR_ARGUMENT' });
        assert.throws(() => env.restore(saved, [0], { rows: [0, 1] }), { code: 'ERR_ARGUMENT' });
        for (const count of [0, -1, 1.5, Number.NaN])
          assert.throws(() => factory.make(count), { code: 'ERR_ARGUMENT' });
      }));

    it('refuses snapshots of another environment, model, version, and damaged bytes', () =>
      withEnv(1, (env) => {
        env.reset();
        const saved = env.snapshot();
        withEnv(1, (other) => assert.throws(() => other.restore(saved, [0]), { code: 'ERR_SNAPSHOT' }), options.other);
        assert.throws(() => env.restore({ ...saved, version: 99 }, [0]), { code: 'ERR_SNAPSHOT' });
        assert.throws(() => env.restore({ ...saved, envId: 'else' }, [0]), { code: 'ERR_SNAPSHOT' });
        assert.throws(() => env.restore({ ...saved, parts: {} }, [0]), { code: 'ERR_SNAPSHOT' });
        const bytes = serializeSnapshot(saved);
        for (const broken of [
          bytes.subarray(0, 10),
          bytes.subarray(0, bytes.length - 8),
          bytes.slice().fill(0, 60, 70),
        ]) {
          assert.throws(() => deserializeSnapshot(broken), { code: 'ERR_SNAPSHOT' });
        }
        env.restore(deserializeSnapshot(bytes), [0]);
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        for (const name of ['version', 'envId', 'count', 'parts']) {
          assert.throws(() => serializeSnapshot({ ...saved, [name]: proxy }), { code: 'ERR_SNAPSHOT' });
        }
      }));

    it('refuses snapshots that were made up, and survives numbers that were', () =>
      withEnv(2, (env) => {
        env.reset(undefined, keysOf([0, 1]));
        run(env, [0, 1], 3);
        const expected = env.snapshot();
        attackSnapshots(env, () => run(env, [0, 1], 2), 150);
        assert.deepEqual(env.snapshot(), expected);
      }));

    it('is closed for good', () => {
      const env = factory.make(1, { threads: 1 });
      env.reset();
      const saved = env.snapshot();
      env.close();
      env.close();
      for (const use of [
        () => env.reset(),
        () => env.step(makeActions(spec.actionSpace, 1)),
        () => env.snapshot(),
        () => env.restore(saved, [0]),
      ]) {
        assert.throws(use, { code: 'ERR_CLOSED' });
      }
    });
  });
}
