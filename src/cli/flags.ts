import { commandText } from '../base/command-text.js';

/** What messages of the library say in its own words, and how that is done on the command line. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\b([Cc]hoose another folder)\b/g, '$1 with --out'],
  [/\bUse the engine (native\b)/g, 'Use --engine $1'],
  [/\b([Nn]ame another Python)\b/g, '$1 with --python'],
  [/\bthat train\(\) was given as its directory/g, 'that "trellis train" wrote; its --out is the directory itself'],
];

const RESUME = /\bresume\("([^"]+)"\)/g;

/** A message with the flags that its hint is about. */
export function nameFlags(message: string): string {
  const told = message.replace(RESUME, (_, run: string) => `"${commandText(['train', '--resume', run])}"`);
  return WORDS.reduce((text, [words, flags]) => text.replace(words, flags), told);
}
