import type { Random } from './random.js';
import type { Values } from './values.js';

/** A function under test: how arguments are made, and how it is called with them. */
export interface Call {
  readonly name: string;
  arguments(): unknown[];
  run(...given: never[]): unknown;
}

/** Objects that live over many calls. */
export interface Target {
  readonly name: string;
  readonly calls: readonly Call[];
  /** Makes the objects again (they may have been closed). */
  remake(): void | Promise<void>;
  /** Does something known and compares with what an untouched twin gave: what is damaged in silence shows here. */
  verify(): string | null | Promise<string | null>;
  /** Something that a getter among the arguments may do to the objects while a call reads them. */
  provoke(): void;
  close(): void;
}

export type MakeTarget = (values: Values, random: Random) => Promise<Target>;

export const call = (name: string, make: () => unknown[], run: (...given: never[]) => unknown): Call => ({
  name,
  arguments: make,
  run,
});

/** First difference of two arrays by their bits. */
export function difference(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): string | null {
  if (actual.length !== expected.length) return `${what}: ${actual.length} numbers instead of ${expected.length}`;
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i])) return `${what}[${i}] is ${actual[i]} instead of ${expected[i]}`;
  }
  return null;
}
