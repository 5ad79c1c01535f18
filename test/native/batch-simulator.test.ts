import { fileURLToPath } from 'node:url';
import { AtariBatch } from '../../src/native/atari-batch.js';
import type { AtariStates } from '../../src/native/atari-states.js';
import { MujocoBatch } from '../../src/native/mujoco-batch.js';
import { MujocoModel } from '../../src/native/mujoco-model.js';
import { batchConformance, type Subject } from './batch-conformance.js';
import { legXml } from './mujoco-models.js';

const model = MujocoModel.fromXml(legXml);
const { stateSize } = new MujocoBatch(model, { slots: 1 });
type MujocoStep = Parameters<MujocoBatch['step']>;

/** The hopping leg; input i is a torque. */
function mujoco(options: { persistent?: boolean; externalBuffers?: boolean }): Subject<Float64Array, MujocoStep> {
  const torque = (input: number) => Math.sin(input);
  return {
    make(slots, threads) {
      const batch = new MujocoBatch(model, { slots, threads, ...options });
      batch.output('xpos');
      return batch;
    },
    input(batch, inputs, slots) {
      (batch as MujocoBatch).setControls(
        slots.map((slot) => torque(inputs[slot]!)),
        { slots },
      );
      return [2, { slots, stage: 'acceleration' }];
    },
    options: (_, given) => [1, given],
    shown(batch, slot) {
      const { states, stateSize } = batch as MujocoBatch;
      const xpos = (batch as MujocoBatch).output('xpos');
      const width = xpos.length / batch.slots;
      return [states.slice(slot * stateSize, (slot + 1) * stateSize), xpos.slice(slot * width, (slot + 1) * width)];
    },
    arrays: (batch) => {
      const { states, faults, warningCounts } = batch as MujocoBatch;
      return [states, faults, warningCounts, (batch as MujocoBatch).output('xpos')];
    },
    row: (saved, row) => {
      return Buffer.from(saved.slice(row * stateSize, (row + 1) * stateSize).buffer).toString('hex');
    },
  };
}

type AtariStep = Parameters<AtariBatch['step']>;
const rom = fileURLToPath(new URL('../golden/atari/synthetic/tia02.bin', import.meta.url));

/** A cartridge of our own; input i is an action. */
function atari(options: { repeatActionProbability: number }): Subject<AtariStates, AtariStep> {
  const large = ['ram', 'screens', 'picture'] as const;
  const small = ['lives', 'terminated', 'truncated', 'frameNumbers', 'episodeFrameNumbers', 'modes'] as const;
  return {
    make: (slots, threads) => new AtariBatch({ game: 'qbert', rom, slots, threads, outputs: [...large], ...options }),
    input: (_, inputs, slots) => [slots.map((slot) => (7 * inputs[slot]!) % 18), { slots, acts: 2 }],
    options: (batch, given) => [new Int32Array((given as { slots?: number[] }).slots?.length ?? batch.slots), given],
    shown(batch, slot) {
      const of = batch as AtariBatch;
      const pictures = large.map((name) => {
        const array = of[name]!;
        const width = array.length / of.slots;
        return Buffer.from(array.slice(slot * width, (slot + 1) * width)).toString('hex');
      });
      return [...small.map((name) => of[name][slot]), ...pictures];
    },
    arrays: (batch) => [...small, ...large, 'faults' as const].map((name) => (batch as AtariBatch)[name]!),
    row: ({ bytes, offsets }, row) => Buffer.from(bytes.subarray(offsets[row], offsets[row + 1])).toString('hex'),
  };
}

batchConformance('MujocoBatch', mujoco({}));
batchConformance('MujocoBatch, persistent', mujoco({ persistent: true }));
batchConformance('MujocoBatch, copied arrays', mujoco({ externalBuffers: false }));
batchConformance('AtariBatch', atari({ repeatActionProbability: 0 }));
batchConformance('AtariBatch, sticky actions', atari({ repeatActionProbability: 0.25 }));
