import { seedKeys } from '../gymnasium/draws.js';
import { seedWords } from '../gymnasium/numpy-random.js';

/**
 * Keys with which `reset` gives an Atari game the random numbers of Gymnasium's `reset(seed=…)`, for sticky actions: the
 * emulator is seeded with the second word of numpy's seed sequence. (No-op starts are drawn in another way than there.)
 * @param seeds integers 0 … 2^53 - 1, one a slot
 * @throws ArgumentError
 */
export function atariSeedKeys(seeds: readonly number[]): Uint32Array {
  seedKeys(seeds);
  return seedKeys(seeds.map((seed) => Number(seedWords(BigInt(seed))[0] >> 32n)));
}
