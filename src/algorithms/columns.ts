import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';

/** A figure of an iteration: a column of progress.csv, and how consoles and reports show it. */
export interface ColumnSpec {
  /** As in the header of progress.csv: lower-case letters, digits and "_". */
  readonly name: string;
  /** Title of its chart. Default: the name, with spaces. */
  readonly title?: string | undefined;
  /** One sentence for the reader of a report. */
  readonly note?: string | undefined;
  /** Drawn on a logarithmic axis. Default false. */
  readonly logarithmic?: boolean | undefined;
  /** Drawn in curve.svg and reports at all. Default true. */
  readonly chart?: boolean | undefined;
  /** What it is called on the console's line; false: not there. Default: the name, with spaces. */
  readonly console?: string | false | undefined;
}

/** A column with all its defaults. */
export interface Column {
  readonly name: string;
  readonly title: string;
  readonly note: string;
  readonly logarithmic: boolean;
  readonly chart: boolean;
  readonly console: string | false;
}

const hidden = { chart: false, console: false } as const;

/** What every method has, whatever it is: made by the training loop from steps, episodes and clocks. */
const common: readonly ColumnSpec[] = [
  { name: 'iteration', ...hidden },
  { name: 'simulator_steps', ...hidden },
  { name: 'episodes', ...hidden },
  { name: 'mean_return', title: 'Return per episode', note: 'undiscounted sum of rewards', console: 'return' },
  { name: 'mean_length', title: 'Episode length', note: 'steps', console: 'length' },
  {
    name: 'mean_cost_per_step',
    title: 'Average cost per step',
    note: 'total cost over the nominal length of the episodes; steps after the end count 0; cost = −reward',
    console: 'cost/step',
  },
  { name: 'seconds_sampling', ...hidden },
  { name: 'seconds_update', ...hidden },
];

/** Columns that every progress.csv has. `simulator_steps` is cumulative, all others belong to the one iteration. */
export const COMMON_COLUMNS = [
  'iteration',
  'simulator_steps',
  'episodes',
  'mean_return',
  'mean_length',
  'mean_cost_per_step',
  'seconds_sampling',
  'seconds_update',
] as const;
export type CommonColumn = (typeof COMMON_COLUMNS)[number];

export function isCommonColumn(name: string): name is CommonColumn {
  return (COMMON_COLUMNS as readonly string[]).includes(name);
}

/** Figures of a method that follows a surrogate objective, in the order that the paper's runs have them. */
export const surrogateColumns: readonly (string | ColumnSpec)[] = [
  { name: 'trunk_steps', ...hidden },
  { name: 'branch_steps', ...hidden },
  'episodes',
  'mean_return',
  'mean_length',
  'mean_cost_per_step',
  { name: 'surrogate_before', ...hidden },
  { name: 'surrogate_after', ...hidden },
  {
    name: 'mean_kl',
    title: 'Mean KL divergence',
    note: 'between the old and the new policy over the batch',
    logarithmic: true,
    console: 'kl',
  },
  { name: 'max_kl', ...hidden },
  { name: 'entropy', title: 'Entropy of the policy', note: 'nats per decision', console: false },
  { name: 'step_fraction', ...hidden },
  { name: 'cg_residual', ...hidden },
];

const columnSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/, { error: 'expected lower-case letters, digits and "_"' }),
  title: z.string().min(1).optional(),
  note: z.string().optional(),
  logarithmic: z.boolean().optional(),
  chart: z.boolean().optional(),
  console: z.union([z.string().min(1), z.literal(false)]).optional(),
});

/**
 * All columns of a method in the order of progress.csv: iteration and steps, then the common figures, then the method's
 * own, then the seconds. A common figure that the method names itself stands where it names it.
 * @throws ArgumentError for a name that is none, or is there twice
 */
export function methodColumns(own: readonly (string | ColumnSpec)[], what: string): Column[] {
  const given = own.map((column, i) =>
    parseOptions(columnSchema, typeof column === 'string' ? { name: column } : column, `column ${i} of ${what}`),
  );
  const names = given.map(({ name }) => name);
  for (const [i, name] of names.entries()) {
    const fixed = name === 'iteration' || name === 'simulator_steps';
    if (!fixed && names.indexOf(name) === i) continue;
    throw new ArgumentError(
      `columns of ${what}: "${name}" ${fixed ? "is every progress.csv's first" : 'is there twice'}`,
      {
        value: name,
        expected: 'names of its own, each once',
      },
    );
  }
  const left = common.filter(({ name }) => !names.includes(name));
  const isClock = ({ name }: ColumnSpec) => name === 'seconds_sampling' || name === 'seconds_update';
  const ordered = [...left.filter((column) => !isClock(column)), ...given, ...left.filter(isClock)];
  return ordered.map((column) => describeColumn({ ...common.find(({ name }) => name === column.name), ...column }));
}

/** A column of which only the name is known: as in a progress.csv whose method is not registered here. */
export function describeColumn(spec: ColumnSpec): Column {
  const words = spec.name.replaceAll('_', ' ');
  const { name, title = words[0].toUpperCase() + words.slice(1), note = '', logarithmic = false, chart = true } = spec;
  const isSeconds = name.startsWith('seconds_');
  return {
    name,
    title,
    note,
    logarithmic,
    chart: chart && !isSeconds,
    console: isSeconds ? false : (spec.console ?? words),
  };
}
