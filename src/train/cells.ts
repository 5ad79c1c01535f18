/** One run of a figure or table: a task, a method and a seed, in a run directory of its own. */
export interface Cell {
  /** Run directory below the results folder, e.g. `swimmer-vine-seed1`. */
  readonly name: string;
  /** Name of an experiment. */
  readonly task: string;
  readonly method: string;
  readonly seed: number;
  /** Iterations in full, before the budget. */
  readonly iterations: number;
  /** Simulator steps that end the cell before its iterations do, in full; default: none. */
  readonly simulatorSteps?: number;
  /** `key=value` settings beyond the preset. */
  readonly settings: readonly string[];
  /** Part of the figure only when asked for by name. */
  readonly optional?: boolean;
  /**
   * A cell whose settings are the outcome of others: which, and how to choose. Their mean costs of the last iterations
   * are given in the order of `among`.
   */
  readonly choice?: { readonly among: readonly Cell[]; settings(costs: readonly number[]): readonly string[] };
}

/** Name of a run's folder. @param method a preset's, e.g. `vine/growing` */
export function runName(task: string, method: string, seed: number): string {
  return `${task}-${method.replace('/', '-')}-seed${seed}`;
}

/** Choices of `trellis reproduce` that decide which cells run and for how long. */
export interface CellSelection {
  /** Names separated by commas: a task, a method, task-method or a cell; undefined: all that are not optional. */
  readonly only?: string | undefined;
  /** Seeds of a method that has that many or more. */
  readonly seeds?: number | undefined;
}

/** The cells of a plan that a selection asks for, in the plan's order, with those that their settings depend on. */
export function selectCells(plan: readonly Cell[], { only, seeds = Infinity }: CellSelection): Cell[] {
  const wanted = only?.split(',').map((name) => name.trim().toLowerCase());
  const chosen = plan.filter((cell) => {
    const { name, task, method, seed, optional = false } = cell;
    if (seed > seeds) return false;
    if (wanted === undefined) return !optional;
    return [name, task, method, `${task}-${method}`].some((alias) => {
      return wanted.includes(alias) && (!optional || alias !== task);
    });
  });
  // What others depend on comes right before the first that needs it.
  return [...new Set(chosen.flatMap((cell) => [...(cell.choice?.among ?? []), cell]))];
}

/** Iterations of a cell under a budget: at least one. */
export function budgetedIterations(cell: Cell, budget: number): number {
  return Math.max(1, Math.round(cell.iterations * budget));
}

/** Simulator steps that end a cell of so many iterations: the budget is the same for both. Infinity where none do. */
export function stepsWithin({ iterations: full, simulatorSteps = Infinity }: Cell, iterations: number): number {
  return Math.max(1, Math.round(simulatorSteps * (iterations / full)));
}
