import type { CellStatus } from './cell-status.js';
import { type Cell, stepsWithin } from './cells.js';

/** Where a cell stands among all. */
export interface CellPlace {
  /** From 1 on, in the order that cells were begun, those done earlier first. */
  readonly number: number;
  /** All cells of the plan */
  readonly of: number;
  /** Of all cells that are not done, by the pace of those like them; null while no iteration tells. */
  readonly secondsLeft: number | null;
}

/** How far a plan of cells is, and how long the rest takes. */
export class CellPace {
  private readonly known: Map<Cell, CellStatus>;
  private readonly numbers = new Map<Cell, number>();
  private readonly ended = new Set<Cell>();
  private readonly doneBefore: number;

  /**
   * @param total iterations of a cell
   * @param jobs cells at a time
   */
  constructor(
    cells: readonly Cell[],
    private readonly statusOf: (cell: Cell) => CellStatus,
    private readonly total: (cell: Cell) => number,
    private readonly jobs: number,
  ) {
    this.known = new Map(cells.map((cell) => [cell, statusOf(cell)]));
    this.doneBefore = [...this.known.values()].filter(({ state }) => state === 'done').length;
  }

  /** Reads a cell anew. @param ended done, failed or stopped: nothing more of it is waited for */
  update(cell: Cell, ended = false): CellStatus {
    const status = this.statusOf(cell);
    this.known.set(cell, status);
    if (!this.numbers.has(cell)) this.numbers.set(cell, this.doneBefore + this.numbers.size + 1);
    if (ended) this.ended.add(cell);
    return status;
  }

  place(cell: Cell): CellPlace {
    return { number: this.numbers.get(cell)!, of: this.known.size, secondsLeft: this.secondsLeft() };
  }

  private secondsLeft(): number | null {
    const waited = [...this.known].filter(([cell, { state }]) => state !== 'done' && !this.ended.has(cell));
    const seconds = waited.map(([cell, status]) => this.iterationsLeft(cell, status) * this.secondsPerIteration(cell));
    const all = seconds.reduce((sum, value) => sum + value, 0);
    // Not shared out better than whole cells can be.
    const left = Math.max(all / this.jobs, ...seconds, 0);
    return Number.isFinite(left) ? left : null;
  }

  /** Fewer than are planned where steps end the cell: as many as the iterations so far lead to expect. */
  private iterationsLeft(cell: Cell, { iterations, simulatorSteps }: CellStatus): number {
    const planned = Math.max(0, this.total(cell) - iterations);
    const limit = stepsWithin(cell, this.total(cell));
    if (!Number.isFinite(limit)) return planned;
    const each = this.ofThoseLike(cell, (status) => status.simulatorSteps / status.iterations);
    return Number.isNaN(each) ? planned : Math.min(planned, Math.max(0, limit - simulatorSteps) / each);
  }

  private secondsPerIteration(cell: Cell): number {
    return this.ofThoseLike(cell, (status) => status.secondsPerIteration);
  }

  /** What a cell's own iterations tell, else those of the task's cells by the same method, of the method, of the task, of all. */
  private ofThoseLike(cell: Cell, told: (status: CellStatus) => number): number {
    const alike: ((other: Cell) => boolean)[] = [
      (other) => other === cell,
      ({ task, method }) => task === cell.task && method === cell.method,
      ({ method }) => method === cell.method,
      ({ task }) => task === cell.task,
      () => true,
    ];
    for (const isAlike of alike) {
      const values = [...this.known]
        .filter(([other, { iterations }]) => iterations > 0 && isAlike(other))
        .map(([, status]) => told(status))
        .filter(Number.isFinite);
      if (values.length > 0) return values.reduce((sum, value) => sum + value, 0) / values.length;
    }
    return Number.NaN;
  }
}
