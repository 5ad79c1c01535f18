import type { LoggerDefinition } from '../logger.js';

/** One line of JSON an event on standard output, for programs. */
export const jsonLogger = {
  name: 'json',
  summary: 'one line of JSON an event on standard output',
  create() {
    const print = (event: string, fields: object) => {
      process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
    };
    return {
      onStart: ({ config, rows }) => print('start', { iterations_done: rows.length, config }),
      onEvaluation: ({ evaluation, best }) => print('evaluation', { ...evaluation, best }),
      onIteration: ({ row, diverged }) => print('iteration', { ...row, diverged }),
      onWarning: (message) => print('warning', { message }),
      onEnd({ final, directory }) {
        if (final !== null) print('finished', { directory, ...final });
      },
    };
  },
} satisfies LoggerDefinition;
