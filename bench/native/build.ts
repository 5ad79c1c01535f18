import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/native/addon.js';

/** Compiles bench/native/step_loop.c against MuJoCo into a folder; returns the program's path. */
export async function buildStepLoop(folder: string): Promise<string> {
  const { findMujoco } = (await import(new URL('../../scripts/mujoco-sdk.mjs', import.meta.url).href)) as {
    findMujoco(): Promise<string>;
  };
  const sdk = await findMujoco();
  const places = [join(sdk, 'lib'), sdk].filter((place) => existsSync(place));
  const found = places.flatMap((place) =>
    readdirSync(place)
      .filter((name) => /^libmujoco\.(so\.[\d.]+|[\d.]+\.dylib)$/.test(name))
      .map((name) => ({ place, name })),
  )[0];
  if (found === undefined) throw new Error(`no MuJoCo library in ${places.join(' or ')}`);
  const program = join(folder, 'step_loop');
  const source = join(packageRoot(), 'bench', 'native', 'step_loop.c');
  const library = join(found.place, found.name);
  execFileSync('cc', ['-O3', `-I${sdk}/include`, source, library, `-Wl,-rpath,${found.place}`, '-lm', '-o', program]);
  return program;
}
