import type { LoggerDefinition } from '../logger.js';
import { ProgressTable } from '../progress.js';

/** The rows of progress.csv on standard output, as they come, with those that a resumed run has already. */
export const csvLogger = {
  name: 'csv',
  summary: 'the rows of progress.csv on standard output, as they come',
  create() {
    let table: ProgressTable | undefined;
    return {
      onStart({ columns, config, rows }) {
        table = new ProgressTable(columns, config.method);
        process.stdout.write(table.header + rows.map((row) => table!.line(row)).join(''));
      },
      onIteration: ({ row }) => process.stdout.write(table!.line(row)),
    };
  },
} satisfies LoggerDefinition;
