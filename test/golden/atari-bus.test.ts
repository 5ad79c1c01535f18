import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { AtariBatch } from '../../src/native/atari-batch.js';

// nop04 runs from the TIA's addresses, where it sees what is left on the data bus. CRC-32 of RAM after each of four acts of
// nothing, with seed 1, when ale-py 0.12.1 plays it by the rules of these games.
const rom = fileURLToPath(new URL('./atari/synthetic/nop04.bin', import.meta.url));
const recorded = {
  amidar: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  assault: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  beam_rider: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  boxing: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  carnival: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  enduro: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  kaboom: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  krull: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  montezuma_revenge: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  pitfall: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  riverraid: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
  seaquest: '11c3afe2 11c3afe2 11c3afe2 11c3afe2',
};

test('a program on the TIA’s addresses, by the rules of other games than it was recorded for', () => {
  for (const [game, expected] of Object.entries(recorded)) {
    const batch = new AtariBatch({ game, rom, repeatActionProbability: 0, outputs: ['ram'] });
    batch.reset({ seeds: [1] });
    const sums = [0, 1, 2, 3].map(() => {
      batch.step([0]);
      return crc32(batch.ram!).toString(16).padStart(8, '0');
    });
    batch.close();
    assert.equal(sums.join(' '), expected, game);
  }
});
