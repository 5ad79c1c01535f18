import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.js';

/** Takes all checksums from a run directory, as version 0.1.0 wrote it, so that tests may edit its files. */
export function withoutChecksums(directory: string): void {
  for (const name of ['config.json', 'policy.json', 'final.json'].map((file) => join(directory, file))) {
    if (!existsSync(name)) continue;
    const { sha256: _seal, ...json } = JSON.parse(readFileSync(name, 'utf8')) as Record<string, unknown>;
    writeFileSync(name, JSON.stringify(json, null, 2));
  }
  rmSync(join(directory, 'progress.sha256'), { force: true });
  const path = join(directory, 'checkpoint');
  if (!existsSync(path)) return;
  const { files: _files, ...checkpoint } = decodeCheckpoint(readFileSync(path), path);
  writeFileSync(path, encodeCheckpoint(checkpoint));
}
