import type { Command } from 'commander';
import { paths } from './arguments.js';

interface Json {
  json?: boolean;
}

/** `trellis roms import|list|verify`: the user's Atari cartridge images. */
export function registerRoms(program: Command): void {
  const roms = program
    .command('roms')
    .description('Atari cartridge images: yours, in your data folder or $TRELLIS_ROMS, known by their MD5');

  roms
    .command('import')
    .description(
      'file every known cartridge found in a folder, a .zip or a Python wheel (pip download ale-py==0.12.1 --no-deps)',
    )
    .argument('<source...>', 'folders, archives, wheels or single cartridges', paths)
    .option('--json', 'one line of JSON for each source')
    .action(async (sources: string[], options: Json) => {
      const { importRoms, romFolder } = await import('../native/rom-import.js');
      const damaged: string[] = [];
      for (const source of sources) {
        const result = importRoms(source);
        damaged.push(...result.damaged.map(({ name }) => name));
        const ids = (games: readonly { id: string }[]) => games.map((game) => game.id);
        if (options.json) {
          const { imported, present, unknown } = result;
          const line = {
            source,
            folder: romFolder(),
            imported: ids(imported),
            present: ids(present),
            unknown,
            damaged: result.damaged,
          };
          console.log(JSON.stringify(line));
          continue;
        }
        for (const game of result.imported) console.log(`imported  ${game.id}`);
        for (const file of result.unknown) {
          const wrong = file.expected === null ? '' : `, which is not the cartridge of "${file.expected}"`;
          console.log(`skipped   ${file.name}: ${file.bytes} bytes, MD5 ${file.md5}${wrong}`);
        }
        for (const file of result.damaged) console.log(`damaged   ${file.name}: ${file.reason}`);
        const { imported, present, unknown } = result;
        console.log(
          `${imported.length} imported, ${present.length} there already, ${unknown.length} not known: ${romFolder()}`,
        );
      }
      if (damaged.length === 0) return;
      const { RomError } = await import('../base/errors.js');
      throw new RomError(`could not be read: ${damaged.join(', ')}`, {
        value: damaged,
        hint: 'All others were imported; get these anew',
      });
    });

  roms
    .command('list')
    .description('all 104 games and whether their cartridge is there')
    .option('--json', 'one line of JSON for each game')
    .action(async (options: Json) => {
      const { listRoms } = await import('../native/rom-library.js');
      for (const { game, path, state } of listRoms()) {
        if (options.json) console.log(JSON.stringify({ id: game.id, name: game.name, md5: game.md5, state, path }));
        else console.log(`${state.padEnd(8)}  ${game.id.padEnd(18)}  ${game.name}`);
      }
    });

  roms
    .command('verify')
    .description('read every imported cartridge again and compare its MD5; fails if one is wrong')
    .option('--json', 'one line of JSON')
    .action(async (options: Json) => {
      const { IMPORT_HINT, listRoms } = await import('../native/rom-library.js');
      const { RomError } = await import('../base/errors.js');
      const all = listRoms();
      const good = all.filter((rom) => rom.state === 'imported').map((rom) => rom.game.id);
      const wrong = all.filter((rom) => rom.state === 'wrong').map((rom) => rom.path);
      if (options.json) console.log(JSON.stringify({ good, wrong, missing: all.length - good.length - wrong.length }));
      else console.log(`${good.length} of ${all.length} cartridges are there and right`);
      if (wrong.length > 0) {
        throw new RomError(`not the cartridges they should be: ${wrong.join(', ')}`, {
          value: wrong,
          hint: IMPORT_HINT,
        });
      }
      if (good.length === 0) throw new RomError('no ROM was imported', { hint: IMPORT_HINT });
    });
}
