import { crc32 } from 'node:zlib';
import { AtariBatch } from '../../src/native/atari-batch.js';
import { AtariStates } from '../../src/native/atari-states.js';
import { chooser } from './atari-oracle.js';

const SLOTS = 4;
const LONGEST = 8;

export interface ReplayResult {
  restores: number;
  /** Replays in which any RAM, screen, reward, lives or flag differed. */
  differing: number;
}

/**
 * Saves at random points, plays a few random acts, restores (into other slots, through bytes now and then), plays the
 * same acts again, and compares everything shown after the restore and after each act.
 */
export function replayRestores(game: string, restores: number, seed: number): ReplayResult {
  const choose = chooser(seed, 2);
  const batch = new AtariBatch({
    game,
    slots: SLOTS,
    threads: 1,
    repeatActionProbability: 0.25,
    outputs: ['ram', 'screens'],
  });
  const result: ReplayResult = { restores: 0, differing: 0 };
  const random = () => Int32Array.from({ length: SLOTS }, () => choose(18));
  try {
    batch.reset({ seeds: Array.from({ length: SLOTS }, (_, slot) => seed + slot) });
    while (result.restores < restores) {
      for (let acts = choose(6); acts > 0; acts--) batch.step(random());
      if (choose(400) === 0) batch.reset({ slots: [choose(SLOTS)] });
      const before = shown(batch);
      const states = batch.save();
      const script = Array.from({ length: 1 + choose(LONGEST) }, random);
      const first = script.map((actions) => play(batch, actions));
      // Record r goes into slot (r + shift) mod N, and so do its actions and what it is compared with.
      const shift = choose(SLOTS);
      const rows = Array.from({ length: SLOTS }, (_, slot) => (slot + shift) % SLOTS);
      const again = choose(8) === 0 ? AtariStates.deserialize(states.serialize()) : states;
      batch.restore(again, { slots: [0, 1, 2, 3], rows });
      const wrong = new Set<number>();
      const check = (now: string[], then: string[]) => {
        for (let slot = 0; slot < SLOTS; slot++) if (now[slot] !== then[rows[slot]]) wrong.add(slot);
      };
      check(shown(batch), before);
      for (const [i, actions] of script.entries()) {
        check(
          play(
            batch,
            Int32Array.from(rows, (record) => actions[record]),
          ),
          first[i],
        );
      }
      result.restores += SLOTS;
      result.differing += wrong.size;
      const over = [0, 1, 2, 3].filter((slot) => batch.terminated[slot] || batch.truncated[slot]);
      if (over.length > 0) batch.reset({ slots: over });
    }
    return result;
  } finally {
    batch.close();
  }
}

function play(batch: AtariBatch, actions: Int32Array): string[] {
  batch.step(actions);
  return shown(batch).map((text, slot) => `${text} ${batch.rewards[slot]}`);
}

/** All that a slot shows, as text. */
function shown(batch: AtariBatch): string[] {
  const pixels = batch.screenHeight * batch.screenWidth;
  return Array.from({ length: SLOTS }, (_, slot) => {
    const ram = crc32(batch.ram!.subarray(128 * slot, 128 * (slot + 1)));
    const screen = crc32(batch.screens!.subarray(pixels * slot, pixels * (slot + 1)));
    const flags = `${batch.terminated[slot]}${batch.truncated[slot]}`;
    return `${ram} ${screen} ${batch.lives[slot]} ${flags} ${batch.frameNumbers[slot]} ${batch.episodeFrameNumbers[slot]}`;
  });
}
