/** What messages of the library say in its own words, and how that is done on the command line. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bresume\("([^"]+)"\)/g, '"trellis train --resume $1"'],
  [/\b([Cc]hoose another folder)\b/g, '$1 with --out'],
  [/\bUse the engine (native\b)/g, 'Use --engine $1'],
  [/\b([Nn]ame another Python)\b/g, '$1 with --python'],
  [/\bthat train\(\) was given as its directory/g, 'that "trellis train" wrote; its --out is the directory itself'],
];

/** A message with the flags that its hint is about. */
export function nameFlags(message: string): string {
  return WORDS.reduce((text, [words, flags]) => text.replace(words, flags), message);
}
