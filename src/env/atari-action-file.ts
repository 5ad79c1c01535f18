import { readText } from '../base/bounded-read.js';
import { ArgumentError } from '../base/errors.js';

/**
 * The actions of the recorded traces: x₀ = 1, xₜ = (1103515245 xₜ₋₁ + 12345) mod 2³¹, action (xₜ >> 16) mod n of the set.
 * @param actions the set: the game's minimal one, or all 18
 */
export function* lcgActions(actions: readonly number[], start = 1): Generator<number, never> {
  let x = start;
  while (true) {
    x = (Math.imul(1103515245, x) + 12345) & 0x7fffffff;
    yield actions[(x >> 16) % actions.length];
  }
}

/**
 * Actions from a text file, one code (0 … 17) a line; blank lines and lines from # on are skipped.
 * @throws ArgumentError naming the line that is none
 */
export function readActions(path: string): number[] {
  const actions: number[] = [];
  for (const [i, line] of readText(path).split(/\r?\n/).entries()) {
    const text = line.replace(/#.*/, '').trim();
    if (text === '') continue;
    const code = Number(text);
    if (!Number.isInteger(code) || code < 0 || code > 17) {
      throw new ArgumentError(`${path}, line ${i + 1}: "${text}"`, { value: text, expected: 'an action code 0 … 17' });
    }
    actions.push(code);
  }
  return actions;
}
