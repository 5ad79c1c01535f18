import type { LoggerDefinition } from '../logger.js';
import { makeDisplay, sparkline } from './display.js';

/** What people see of a run: a line an iteration, or one that is drawn over and over. */
export const consoleLogger = {
  name: 'console',
  summary: 'a line an iteration for people, with the columns of the method',
  create() {
    const display = makeDisplay(process.stdout);
    const warn = (message: string) => display.note(`warning: ${message}`);
    return {
      onStart({ config, columns, rows }) {
        const from = rows.length === 0 ? '' : `, from iteration ${rows.length}`;
        const title = `${config.experiment}, ${config.method}, seed ${config.seed}: ${config.iterations} iterations`;
        display.begin(`${title}${from}`, rows.length, config.iterations, columns);
      },
      onProgress: (fraction, phase) => display.progress(fraction, phase),
      onEvaluation({ evaluation: { iteration, episodes, mean_return, std_return }, best }) {
        const figures = `return ${mean_return.toPrecision(5)} ± ${std_return.toPrecision(3)} of ${episodes} episodes`;
        display.note(`evaluation after iteration ${iteration + 1}: ${figures}${best ? ', the best so far' : ''}`);
      },
      onIteration({ row, diverged }) {
        display.iteration(row);
        if (diverged > 0) warn(`${diverged} episodes of iteration ${row.iteration} ended by a diverged simulator`);
      },
      onWarning: warn,
      onEnd({ status, reason, rows, final }) {
        display.end();
        if (final === null) return;
        display.note(`return  ${sparkline(rows.map((row) => row.mean_return))}`);
        if (status === 'stopped') display.note(`stopped after ${rows.length} iterations: ${reason}`);
        const cost = (final['mean_cost_per_step'] as number).toFixed(4);
        display.note(
          `done: average cost per step ${cost} over the last ${String(final['last_iterations'])} iterations`,
        );
      },
    };
  },
} satisfies LoggerDefinition;
