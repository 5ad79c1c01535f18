import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The environment in which Node loads an addon that was built with sanitizers. */
export function sanitizedEnvironment(addon: string): NodeJS.ProcessEnv {
  if (!existsSync(addon)) {
    throw new Error(`${addon} is missing; build it: node scripts/build-native.mjs --sanitize address,undefined`);
  }
  return {
    ...process.env,
    TRELLIS_ADDON: resolve(addon),
    LD_PRELOAD: sanitizerRuntime(addon),
    // Node frees little at its end, and a leak is not what is looked for. Too much asked for is no fault, either.
    ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:allocator_may_return_null=1:hard_rss_limit_mb=6000',
    UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
  };
}

/** The runtime that the addon was linked against; it must be there before Node's own memory is. */
function sanitizerRuntime(addon: string): string {
  const [, name, path] =
    /(\S*asan\S*) => (\/\S+|not found)/.exec(execFileSync('ldd', [addon], { encoding: 'utf8' })) ?? [];
  if (name === undefined) throw new Error(`${addon} was built without AddressSanitizer`);
  if (path?.startsWith('/')) return path;
  for (const compiler of ['clang', 'gcc']) {
    try {
      const found = execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
      if (existsSync(found)) return found;
    } catch {
      // Not installed.
    }
  }
  throw new Error(`the sanitizer's runtime ${name} was not found`);
}
