import type { Column } from '../../algorithms/columns.js';
import type { ProgressRow } from '../progress.js';

/** What `train` shows while it works. */
export interface Display {
  /** @param columns of progress.csv; those with a word for the console are on the line */
  begin(title: string, done: number, total: number, columns: readonly Column[]): void;
  /** @param fraction share of the iteration's present phase that is done */
  progress(fraction: number, phase: 'sampling' | 'update'): void;
  iteration(row: ProgressRow): void;
  /** A line that stays. */
  note(text: string): void;
  end(): void;
}

const REDRAW_MS = 100;

/** One line that is drawn over and over on a terminal; a line per iteration elsewhere. */
export function makeDisplay(stream: NodeJS.WriteStream): Display {
  return stream.isTTY ? new LiveDisplay(stream) : new LineDisplay(stream);
}

class LineDisplay implements Display {
  protected total = 0;
  private columns: readonly Column[] = [];
  protected readonly clock = new Clock();

  constructor(protected readonly stream: NodeJS.WriteStream) {}

  begin(title: string, done: number, total: number, columns: readonly Column[]): void {
    this.total = total;
    this.columns = columns;
    this.clock.begin(done);
    this.note(title);
  }

  progress(_fraction: number, _phase: 'sampling' | 'update'): void {}

  iteration(row: ProgressRow): void {
    this.clock.tick(row.iteration + 1);
    this.note(this.line(row));
  }

  note(text: string): void {
    this.stream.write(`${text}\n`);
  }

  end(): void {}

  protected line(row: ProgressRow): string {
    const seconds = row.seconds_sampling + row.seconds_update;
    const left = this.clock.left(this.total);
    return [
      `${String(row.iteration + 1).padStart(String(this.total).length)}/${this.total}`,
      ...this.columns.flatMap((column) => {
        const value = row[column.name] ?? Number.NaN;
        return column.console === false || Number.isNaN(value) ? [] : `${column.console} ${formatFigure(value)}`;
      }),
      `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`,
      left === null ? '' : `${formatDuration(left)} left`,
    ]
      .join('  ')
      .trimEnd();
  }
}

class LiveDisplay extends LineDisplay {
  private last: ProgressRow | null = null;
  private drawnAt = 0;

  override progress(fraction: number, phase: 'sampling' | 'update'): void {
    const now = performance.now();
    if (now - this.drawnAt < REDRAW_MS) return;
    this.drawnAt = now;
    const share = phase === 'sampling' ? ` ${Math.round(100 * fraction)} %` : '';
    this.draw(`${this.last === null ? `1/${this.total}` : this.line(this.last)}  ${phase}${share}`);
  }

  override iteration(row: ProgressRow): void {
    this.last = row;
    // Iterations that take their time stay on the screen; fast ones share the live line.
    if (row.seconds_sampling + row.seconds_update > 2 || row.iteration + 1 === this.total) super.iteration(row);
    else {
      this.clock.tick(row.iteration + 1);
      this.draw(this.line(row));
    }
  }

  override note(text: string): void {
    this.stream.write(`\r\x1b[K${text}\n`);
  }

  override end(): void {
    this.stream.write('\r\x1b[K');
  }

  private draw(text: string): void {
    this.stream.write(`\r\x1b[K${text.slice(0, (this.stream.columns || 80) - 1)}`);
  }
}

/** Estimates what is left from the pace since the beginning of this process's work. */
class Clock {
  private startedAt = 0;
  private first = 0;
  private done = 0;

  begin(done: number): void {
    this.startedAt = performance.now();
    this.first = done;
    this.done = done;
  }

  tick(done: number): void {
    this.done = done;
  }

  /** Seconds; null at the end and before the first iteration. */
  left(total: number): number | null {
    const made = this.done - this.first;
    if (made === 0 || this.done >= total) return null;
    return (((performance.now() - this.startedAt) / made) * (total - this.done)) / 1000;
  }
}

/** Four digits after the point, or five in all, as wide as most others so that lines stand below each other. */
function formatFigure(value: number): string {
  const small = Math.abs(value) < 10;
  return (small ? value.toFixed(4) : value.toPrecision(5)).padStart(7);
}

/** 75 → "1 min 15 s" */
export function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const BARS = '▁▂▃▄▅▆▇█';
const SPARK_WIDTH = 60;

/** A curve in one line of text, from the lowest to the highest of the values; neighbours are averaged to fit. */
export function sparkline(values: readonly number[]): string {
  const width = Math.min(values.length, SPARK_WIDTH);
  const means = Array.from({ length: width }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / width), Math.floor(((i + 1) * values.length) / width));
    return part.reduce((a, b) => a + b, 0) / part.length;
  });
  const low = Math.min(...means);
  const range = Math.max(...means) - low || 1;
  return means.map((value) => BARS[Math.min(7, Math.floor((8 * (value - low)) / range))] ?? ' ').join('');
}
