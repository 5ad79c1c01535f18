/** What `trellis train ./register.ts` imports. */
import { appendFileSync } from 'node:fs';
import { registerAlgorithm, registerEnv, registerExperiment, registerLogger } from '../../../src/index.js';
import { line, search } from './search.js';

registerEnv('own-line', () => line);
registerAlgorithm(search);
registerLogger({
  name: 'lines',
  summary: 'a line an iteration into lines.txt of the run directory',
  create() {
    let file = '';
    return {
      onStart({ directory }) {
        file = `${directory}/lines.txt`;
      },
      onIteration({ row }) {
        if (process.env['LINES_FAIL'] === String(row.iteration)) throw new RangeError('no more lines');
        appendFileSync(file, `${row.iteration} ${row['difference']}\n`);
      },
    };
  },
});
registerExperiment({
  name: 'own-search-on-line',
  summary: 'meet the number',
  track: 'modern',
  environment: 'own-line',
  policy: {},
  iterations: 40,
  methods: { 'own-search': {} },
});
