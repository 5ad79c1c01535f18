import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PlatformError } from '../base/errors.js';

/** What mujoco.dll needs and neither Node nor Windows brings: Microsoft's Visual C++ runtime. */
export const VISUAL_C_RUNTIME = ['MSVCP140.dll', 'MSVCP140_ATOMIC_WAIT.dll', 'VCRUNTIME140.dll', 'VCRUNTIME140_1.dll'];

export const VISUAL_C_HINT =
  'Install the "Microsoft Visual C++ Redistributable" 2015-2022 or later, x64 (vc_redist.x64.exe, from Microsoft; winget ' +
  'has it as Microsoft.VCRedist.2015+.x64)';

/**
 * Files of the Visual C++ runtime that Windows would not find.
 * @param environment for its SystemRoot and PATH
 */
export function missingVisualCRuntime(environment: NodeJS.ProcessEnv = process.env): string[] {
  const system = environment['SystemRoot'] ?? environment['SYSTEMROOT'] ?? 'C:\\Windows';
  const path = (environment['PATH'] ?? environment['Path'] ?? '').split(process.platform === 'win32' ? ';' : ':');
  const folders = [join(system, 'System32'), dirname(process.execPath), ...path.filter((folder) => folder !== '')];
  return VISUAL_C_RUNTIME.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
}

/** "linux-x64 (glibc)": a platform as its folder and file among the prebuilt binaries name it. */
export function prebuiltPlatforms(root: string): string[] {
  const folder = join(root, 'prebuilds');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((platform) =>
      readdirSync(join(folder, platform))
        .filter((name) => name.endsWith('.node'))
        .map((name) => {
          const libc = /\.(glibc|musl)\./.exec(name)?.[1];
          return libc === undefined ? platform : `${platform} (${libc})`;
        }),
    );
}

/** This machine, named in the same way. */
export function thisPlatform(): string {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return name;
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return `${name} (${header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'})`;
}

/** @param build the command that builds the addon here */
export function noBinary(root: string, build: string, cause: unknown): PlatformError {
  const there = prebuiltPlatforms(root);
  const platform = thisPlatform();
  return new PlatformError(`no native binary for ${platform}, Node ${process.version}`, {
    value: platform,
    expected: there.length === 0 ? 'a build of this checkout: there are no prebuilt binaries' : there.join(', '),
    hint: build,
    cause,
  });
}

/** Why a binary that is there did not load. */
export function doesNotLoad(file: string, build: string, cause: Error): PlatformError {
  const folder = dirname(file);
  const details = { value: file, cause };
  const said = cause.message.trim();
  const windows = process.platform === 'win32' && /module (could )?not (be )?found/i.test(said);
  const library =
    existsSync(folder) && readdirSync(folder).some((name) => /^(lib)?mujoco.*\.(dll|dylib|so)/.test(name));
  if ((windows || /mujoco/i.test(said.replace(file, ''))) && !library) {
    return new PlatformError(`MuJoCo's library is not beside the native binary: ${said}`, {
      ...details,
      expected: `it in ${folder}, as installed with ${basename(file)}`,
      hint: `Install the package again, or: ${build}`,
    });
  }
  if (windows && missingVisualCRuntime().length > 0) {
    const names = missingVisualCRuntime().join(', ');
    return new PlatformError(`MuJoCo needs ${names}, which Windows does not find`, { ...details, hint: VISUAL_C_HINT });
  }
  const glibc = /version [`']GLIBC_([\d.]+)' not found/.exec(said)?.[1];
  if (glibc !== undefined) {
    return new PlatformError(`the native binary needs glibc ${glibc}, newer than this machine's`, {
      ...details,
      hint: build,
    });
  }
  return new PlatformError(`the native binary does not load: ${said}`, {
    ...details,
    hint: `It may belong to another platform or lack a library. ${build}`,
  });
}
