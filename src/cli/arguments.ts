import { InvalidArgumentError } from 'commander';

// Parsers of option values; commander turns what they throw into a usage message.

export function positiveInteger(text: string): number {
  return integer(text, 1);
}

export function nonNegativeInteger(text: string): number {
  return integer(text, 0);
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError('expected a number above 0.');
  }
  return value;
}

/** A file or folder: anything but nothing (an unset variable of a script, mostly). */
export function path(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('expected a path, not an empty text.');
  if (text.includes('\0')) throw new InvalidArgumentError('expected a path without NUL.');
  return text;
}

/** For arguments that may be several paths. */
export function paths(text: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), path(text)];
}

/** For options that may be given several times. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function integer(text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
    const most = value > Number.MAX_SAFE_INTEGER ? ` and at most ${Number.MAX_SAFE_INTEGER} (2^53 - 1)` : '';
    throw new InvalidArgumentError(`expected an integer of at least ${least}${most}.`);
  }
  return value;
}
