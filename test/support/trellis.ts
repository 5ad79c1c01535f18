import { fileURLToPath, pathToFileURL } from 'node:url';

const built = process.env['TRELLIS_MAIN'];

/** The command's main module: what `npm test` has built ($TRELLIS_MAIN), as it starts three times as fast; else the source. */
export const main = built ?? fileURLToPath(new URL('../../bin/trellis.ts', import.meta.url));

/** What Node is started with: `spawn(process.execPath, [...words, 'train', …])`. tsx by its URL: Windows takes no path there. */
export const words = built === undefined ? ['--import', import.meta.resolve('tsx'), main] : [main];

/** The library that this command is made of, as a module's URL. */
export const library =
  built === undefined
    ? new URL('../../src/index.ts', import.meta.url).href
    : new URL('../src/index.js', pathToFileURL(built)).href;
