import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot, platform } from '../native/platform.js';

/** PlatformFacts as they are written down. */
export const platformSchema = z.strictObject({
  trellis: z.string(),
  node: z.string(),
  cpu: z.string(),
  addon: z.string(),
});

/** What decides, beside configuration and seed, the bytes of a run. */
export interface PlatformFacts {
  /** Version of this package */
  trellis: string;
  node: string;
  /** System, architecture and vector instructions in use */
  cpu: string;
  /** Hash of the addon's file */
  addon: string;
}

export function platformFacts(): PlatformFacts {
  const { node, system, instructionSet, addonHash } = platform();
  return {
    trellis: packageVersion(),
    node: node.replace(/^v/, ''),
    cpu: `${system} ${instructionSet}`,
    addon: addonHash.slice(0, 16),
  };
}

export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The differences in words, for a warning; empty if none. */
export function platformDifferences(then: PlatformFacts | undefined, now = platformFacts()): string[] {
  if (then === undefined) return [];
  return (Object.keys(now) as (keyof PlatformFacts)[])
    .filter((name) => then[name] !== now[name])
    .map((name) => `${name} was ${then[name] || 'unknown'}, is ${now[name] || 'unknown'}`);
}
