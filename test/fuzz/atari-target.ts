import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as trellis from '../../src/index.js';
import { call, difference, type MakeTarget } from './target.js';

// A cartridge of our own, which needs no ROM to have been imported.
const cartridge = readFileSync(fileURLToPath(new URL('../golden/atari/synthetic/cpu01.bin', import.meta.url)));
const N = 4;

/** Batches of Atari games and their states. */
export const atariTarget: MakeTarget = async (values, random) => {
  const game = 'qbert';
  const rom = new Uint8Array(cartridge);
  let batch!: trellis.AtariBatch;
  let states!: trellis.AtariStates;

  const make = (threads: number, outputs: trellis.AtariOutput[]) =>
    new trellis.AtariBatch({ game, rom, slots: N, threads, outputs, acts: 2, frameSkip: 2 });
  const known = (of: trellis.AtariBatch) => {
    of.reset({ seeds: Uint32Array.from({ length: N }, (_, i) => i) });
    for (let i = 0; i < 10; i++) of.step(Int32Array.from({ length: N }, (_, slot) => (i + slot) % 6));
    return of.save().serialize();
  };
  const outputs = ['picture', 'ram', 'frames', 'screens', 'rgb', 'greys'] as const;
  const remake = () => {
    batch?.close();
    batch = make(
      1 + random.integer(3),
      outputs.filter(() => random.oneIn(2)),
    );
    states = batch.save();
  };
  remake();
  const twin = make(1, []);
  const expected = known(twin);
  twin.close();

  const slots = () => values.slots(N);
  type Any = never;
  const calls = [
    call(
      'new AtariBatch',
      () => [
        values.options({
          game: () => values.near(game),
          rom: () => (random.oneIn(3) ? values.array(Uint8Array, 4096) : rom),
          slots: () => values.near(2),
          threads: () => values.near(1),
          frameSkip: () => values.near(2),
          maxFramesPerEpisode: () => values.near(0),
          repeatActionProbability: () => values.near(0.25),
          mode: () => values.near(0),
          difficulty: () => values.near(0),
          rewardMinimum: () => values.near(-1),
          rewardMaximum: () => values.near(1),
          acts: () => values.near(1),
          preprocess: () => values.near({ width: values.near(84), height: values.near(84), maxPool: true }),
          outputs: () => values.near([random.pick(outputs)]),
        }),
      ],
      (options) => {
        const made = new trellis.AtariBatch(options);
        made.step(new Int32Array(made.slots));
        made.close();
      },
    ),
    call(
      'batch.reset',
      () => [
        values.options({
          slots,
          seeds: () => values.array(Uint32Array, N),
          mode: () => values.near(0),
          difficulty: () => values.near(0),
        }),
      ],
      (options) => batch.reset(options),
    ),
    call(
      'batch.load',
      () => [values.array(Uint32Array, N), values.options({ slots })],
      (...a: Any[]) => batch.load(a[0], a[1]),
    ),
    call(
      'batch.seed',
      () => [values.array(Uint32Array, N), values.options({ slots })],
      (...a: Any[]) => batch.seed(a[0], a[1]),
    ),
    call(
      'batch.step',
      () => [
        values.array(Int32Array, N),
        values.options({ slots, acts: () => values.near(1), strengths: () => values.array(Float32Array, N) }),
      ],
      (...a: Any[]) => batch.step(a[0], a[1]),
    ),
    call(
      'batch.save',
      () => [
        values.options({
          slots,
          generator: () => values.near(true),
          into: () => random.pick([states, states, values.anything()]),
        }),
      ],
      (options) => {
        states = batch.save(options);
      },
    ),
    call(
      'batch.restore',
      () => [random.oneIn(4) ? values.anything() : states, values.options({ slots, rows: slots })],
      (...a: Any[]) => batch.restore(a[0], a[1]),
    ),
    call(
      'new AtariStates',
      () => [values.array(Uint8Array, 8000), values.array(Uint32Array, N + 1)],
      (...a: Any[]) => {
        const made = new trellis.AtariStates(a[0], a[1]);
        if (random.oneIn(2)) batch.restore(made);
        else states = batch.save({ into: made });
      },
    ),
    call(
      'states: flipped bits',
      () => [],
      () => {
        const bytes = states.serialize();
        bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
        batch.restore(
          trellis.AtariStates.deserialize(
            bytes.subarray(0, bytes.length - (random.oneIn(4) ? random.integer(bytes.length) : 0)),
          ),
        );
      },
    ),
    call(
      'states: written',
      () => [],
      () => {
        // What came from a batch and was changed since.
        const { bytes } = states as unknown as { bytes?: Uint8Array };
        if (bytes !== undefined && bytes.length > 0) bytes[random.integer(bytes.length)] = random.integer(256);
        batch.restore(states);
      },
    ),
    call(
      'AtariStates.deserialize',
      () => [values.array(Uint8Array, 100)],
      (bytes) => trellis.AtariStates.deserialize(bytes),
    ),
    call(
      'batch.setRam',
      () => [values.near(0), values.near(1), values.near(2)],
      (...a: Any[]) => batch.setRam(a[0], a[1], a[2]),
    ),
    call(
      'outputs transferred',
      () => [],
      () => {
        if (!random.oneIn(10)) return;
        const { buffer } = batch.picture ?? batch.rewards;
        structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
      },
    ),
    call(
      'batch.close',
      () => [],
      () => {
        if (random.oneIn(20)) batch.close();
      },
    ),
    call(
      'names',
      () => [values.anything()],
      (name) => {
        random.pick([trellis.findAtariGame, trellis.readRom])(name);
      },
    ),
  ];
  return {
    name: 'atari',
    calls,
    remake,
    verify() {
      const clean = make(2, ['ram']);
      const wrong = difference('state', known(clean), expected);
      clean.close();
      return wrong;
    },
    provoke: () =>
      random.pick([
        () => batch.close(),
        () => batch.step(new Int32Array(N)),
        () => batch.reset(),
        () => void batch.save(),
      ])(),
    close: () => batch.close(),
  };
};
