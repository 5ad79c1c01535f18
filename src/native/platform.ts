import { createHash } from 'node:crypto';
import { addon, addonBytes } from './addon.js';

export { addonPath, packageRoot } from './addon.js';

/** What decides whether two machines give the same bits, and what the addon was built with. */
export interface Platform {
  /** Vector instructions in use: avx512, avx2, neon or scalar (`TRELLIS_SIMD` chooses among those available). */
  readonly instructionSet: string;
  readonly availableInstructionSets: readonly string[];
  /** Logical processors. */
  readonly cores: number;
  /** MuJoCo's version; null in a build without it. */
  readonly mujoco: string | null;
  /** SHA-256 of the addon's file. */
  readonly addonHash: string;
  /** platform-architecture, as Node names them. */
  readonly system: string;
  readonly node: string;
}

interface PlatformAddon {
  platform(): Omit<Platform, 'addonHash' | 'system' | 'node'>;
}

let described: Platform | undefined;

/** Describes this machine and the addon; loads the addon. @throws PlatformError if there is none */
export function platform(): Platform {
  described ??= {
    ...addon<PlatformAddon>().platform(),
    addonHash: createHash('sha256').update(addonBytes()).digest('hex'),
    system: `${process.platform}-${process.arch}`,
    node: process.version,
  };
  return described;
}
