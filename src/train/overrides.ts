import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import { isList, isObject } from '../base/kinds.js';

export type Settings = Record<string, unknown>;

/**
 * Settings from `key=value` words, keys dotted: `trustRegion.klLimit=0.02`. Values are JSON where they parse as such,
 * else text.
 * @throws ArgumentError for a word without "=" or two keys that contradict each other
 */
export function parseAssignments(words: readonly string[]): Settings {
  if (!isList(words) || !words.every((word) => typeof word === 'string')) {
    throw new ArgumentError(`the words are ${describeValue(words)}`, {
      value: words,
      expected: 'a list of texts key=value',
    });
  }
  const settings: Settings = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const keys = word.slice(0, at).split('.');
    if (at < 1 || keys.includes('') || keys.includes('__proto__')) {
      throw new ArgumentError(`cannot read the setting "${word}"`, {
        value: word,
        expected: 'key=value, for example trustRegion.klLimit=0.02',
      });
    }
    let target = settings;
    for (const key of keys.slice(0, -1)) {
      // Only its own: "constructor" is no setting until it is made one.
      if (!Object.hasOwn(target, key)) target[key] = {};
      target = target[key] as Settings;
      if (!isSettings(target)) throw new ArgumentError(`"${word}" contradicts another setting`, { value: word });
    }
    target[keys.at(-1)!] = parseValue(word.slice(at + 1));
  }
  return settings;
}

/** `over` on top of `base`, object by object; arrays and plain values replace. */
export function mergeSettings(base: Settings, over: Settings): Settings {
  for (const settings of [base, over]) {
    if (isSettings(settings)) continue;
    throw new ArgumentError(`the settings are ${describeValue(settings)}`, { value: settings, expected: 'an object' });
  }
  const merged: Settings = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isSettings(below) && isSettings(value) ? mergeSettings(below, value) : value;
  }
  return merged;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Is it an object with keys, so that settings can be merged into it? */
export function isSettings(value: unknown): value is Settings {
  return isObject(value) && !isList(value);
}
