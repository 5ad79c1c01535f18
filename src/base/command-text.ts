import { basename, relative } from 'node:path';

/** How this program was started: what decides how it is called by name. */
interface Start {
  /** process.argv[1] */
  readonly script?: string | undefined;
  /** What npm says of itself to what it starts: "exec" for npx. */
  readonly npmCommand?: string | undefined;
  readonly platform?: NodeJS.Platform;
}

/** A command of `trellis` as it can be pasted into the shell that this program was started from, quoted where need be. */
export function commandText(words: readonly string[], start: Start = thisStart()): string {
  const quoted = (word: string) => quote(word, start.platform ?? process.platform);
  return [programText(start, quoted), ...words.map(quoted)].join(' ');
}

function thisStart(): Start {
  return { script: process.argv[1], npmCommand: process.env['npm_command'] };
}

function programText({ script = '', npmCommand }: Start, quoted: (word: string) => string): string {
  const isInstalledHere = npmCommand === 'exec' || /[\\/]node_modules[\\/]/.test(script);
  const name = basename(script);
  if (!isInstalledHere && name === 'trellis') return 'trellis';
  if (!isInstalledHere && name === 'trellis.js') return `node ${quoted(relative(process.cwd(), script))}`;
  // Also from a program of the user's own, which has the package beside it.
  return 'npx trellis';
}

/** A word of a POSIX shell, or of Windows' command prompt. */
function quote(word: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
