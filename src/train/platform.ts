import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { addonBytes, packageRoot } from '../native/addon.js';

export interface PlatformFacts {
  /** Version of this package */
  trellis: string;
  node: string;
  /** Architecture and model of the processor */
  cpu: string;
  /** Hash of the addon's file; empty where there is none */
  addon: string;
}

let facts: PlatformFacts | null = null;

/** What decides, beside configuration and seed, the bytes of a run. */
export function platformFacts(): PlatformFacts {
  facts ??= {
    trellis: packageVersion(),
    node: process.versions.node,
    cpu: `${process.arch} ${cpus()[0]?.model ?? 'unknown'}`.trim(),
    addon: addonHash(),
  };
  return facts;
}

export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function addonHash(): string {
  try {
    return createHash('sha256').update(addonBytes()).digest('hex').slice(0, 16);
  } catch {
    return '';
  }
}

/** The differences in words, for a warning; empty if none. */
export function platformDifferences(then: PlatformFacts | undefined, now = platformFacts()): string[] {
  if (then === undefined) return [];
  return (Object.keys(now) as (keyof PlatformFacts)[])
    .filter((name) => then[name] !== now[name])
    .map((name) => `${name} was ${then[name] || 'unknown'}, is ${now[name] || 'unknown'}`);
}
