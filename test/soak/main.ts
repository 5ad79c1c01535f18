// npm run soak -- <name> [--minutes n] [options of its own]: one file of this folder each, for as long as is asked for.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Soak } from './soak.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const parts = ['main', 'soak', 'runs'];
const names = readdirSync(here)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((name) => !parts.includes(name));
const name = process.argv[2] ?? '';
const file = join(here, `${name}.ts`);
if (!names.includes(name) || !existsSync(file)) {
  console.error(`npm run soak -- <name> [--minutes n]; names: ${names.join(', ')}`);
  process.exit(2);
}
process.argv.splice(2, 1);
const { soak } = (await import(pathToFileURL(file).href)) as { soak?: Soak };
// A file without `soak` is a program of its own, and has run by now.
if (soak !== undefined) {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '1' } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) {
    console.error('--minutes: expected a number above 0');
    process.exit(2);
  }
  const scratch = mkdtempSync(join(tmpdir(), `trellis-soak-${name}-`));
  try {
    const { passed, verdict } = await soak({ until: Date.now() + 60_000 * minutes, least: 1, scratch });
    console.log(`${name}: ${passed ? 'passed' : 'FAILED'}: ${verdict}`);
    process.exitCode = passed ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
