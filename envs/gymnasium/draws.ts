import { ArgumentError, inverseNormal, type Key } from '../../src/index.js';
import { NumpyGenerator } from './numpy-random.js';

/** What an episode's start draws from, in order. */
export interface Draws {
  /** In [low, high). */
  uniform(low: number, high: number): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * The draws of an episode.
 * @param seeding `keys`: the library's counter-based draws. `numpy`: Gymnasium's generator; the key (a, b) is the seed a + b · 2^32
 *   of `reset(seed=…)`
 * @param draw the definition's uniform draws by number
 */
export function drawsOf(seeding: string, draw: (dimension: number) => number, [low, high]: Key): Draws {
  if (seeding === 'numpy') return new NumpyGenerator((BigInt(high) << 32n) | BigInt(low));
  let dimension = 0;
  return {
    uniform: (from, to) => from + (to - from) * draw(dimension++),
    normal: () => inverseNormal(draw(dimension++)),
  };
}

/**
 * Keys with which `reset` starts episodes as Gymnasium's `reset(seed=…)`, where the setting `seeding` is `numpy`.
 * @param seeds integers 0 … 2^53 - 1, one a slot
 * @throws ArgumentError
 */
export function seedKeys(seeds: readonly number[]): Uint32Array {
  const wrong = seeds.find((seed) => !Number.isSafeInteger(seed) || seed < 0);
  if (wrong !== undefined) throw new ArgumentError(`seed ${wrong}`, { value: wrong, expected: '0 … 2^53 - 1' });
  return Uint32Array.from(seeds.flatMap((seed) => [seed >>> 0, Math.floor(seed / 2 ** 32)]));
}
