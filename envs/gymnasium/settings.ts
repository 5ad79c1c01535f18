import { ArgumentError, type EnvSettings } from '../../src/index.js';

/** @throws ArgumentError unless a setting is one of these */
export function checkChoice(id: string, name: string, value: string, values: readonly string[]): void {
  if (values.includes(value)) return;
  throw new ArgumentError(`setting "${name}" of "${id}" is "${value}"`, { value, expected: values.join(' or ') });
}

/** @throws ArgumentError for another generator of start states than the two there are */
export function checkSeeding(id: string, seeding: string): void {
  checkChoice(id, 'seeding', seeding, ['keys', 'numpy']);
}

/** @throws ArgumentError for a range whose lower bound is not the first, and for noise that is negative */
export function checkRanges(id: string, options: EnvSettings): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'object' || value[0] <= value[1]) continue;
    const expected = 'the lower bound first';
    throw new ArgumentError(`setting "${name}" of "${id}" is ${value.join(' … ')}`, { value, expected });
  }
  const { resetNoiseScale = 0 } = options;
  if (typeof resetNoiseScale === 'number' && resetNoiseScale >= 0) return;
  throw new ArgumentError(`setting "resetNoiseScale" of "${id}" is ${String(resetNoiseScale)}`, {
    value: resetNoiseScale,
    expected: '0 or more',
  });
}
