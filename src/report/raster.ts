export type Color = readonly [number, number, number];

/** Digits, minus and full stop as 3 × 5 cells, rows from the top, three bits each. */
const GLYPHS: Record<string, readonly number[]> = {
  '0': [7, 5, 5, 5, 7],
  '1': [2, 6, 2, 2, 7],
  '2': [7, 1, 7, 4, 7],
  '3': [7, 1, 7, 1, 7],
  '4': [5, 5, 7, 1, 1],
  '5': [7, 4, 7, 1, 7],
  '6': [7, 4, 7, 5, 7],
  '7': [7, 1, 2, 2, 2],
  '8': [7, 5, 7, 5, 7],
  '9': [7, 5, 7, 1, 7],
  '-': [0, 0, 7, 0, 0],
  '.': [0, 0, 0, 0, 2],
  s: [0, 3, 6, 3, 6],
  m: [0, 5, 7, 7, 5],
};

/** A small antialiased painter for GIF frames: bars, polygons, rectangles and digits on an RGBA picture. y points down. */
export class Raster {
  /** [height × width × 4] */
  readonly pixels: Uint8ClampedArray;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  }

  /** Fills the picture. */
  clear(color: Color): void {
    for (let i = 0; i < this.pixels.length; i += 4) this.pixels.set(color, i);
  }

  /** A bar from (x0, y0) to (x1, y1), 2 · radius thick, in pixels. */
  bar(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    radius: number,
    color: Color,
    cap: 'round' | 'flat' = 'round',
  ): void {
    const dx = x1 - x0;
    const dy = y1 - y0;
    const length = Math.hypot(dx, dy);
    const [ux, uy] = length > 0 ? [dx / length, dy / length] : [1, 0];
    const margin = radius + 1;
    const [left, right] = span(x0, x1, margin, this.width);
    const [top, bottom] = span(y0, y1, margin, this.height);
    for (let py = top; py <= bottom; py++) {
      for (let px = left; px <= right; px++) {
        const rx = px + 0.5 - x0;
        const ry = py + 0.5 - y0;
        const along = rx * ux + ry * uy;
        const across = Math.abs(rx * uy - ry * ux);
        const beyond = Math.max(-along, along - length, cap === 'round' ? 0 : -Infinity);
        const distance = cap === 'round' ? Math.hypot(across, beyond) - radius : Math.max(across - radius, beyond);
        this.blend(px, py, color, 0.5 - distance);
      }
    }
  }

  /**
   * A convex polygon.
   * @param corners x and y of each, in pixels, in either direction
   * @param grow its edges are moved outwards by so many pixels
   */
  polygon(corners: readonly number[], color: Color, grow = 0): void {
    const count = corners.length / 2;
    if (count < 3) {
      const [x0, y0, x1 = x0, y1 = y0] = corners;
      if (x0 !== undefined) this.bar(x0, y0!, x1!, y1!, Math.max(0.5, grow), color);
      return;
    }
    const xs = corners.filter((_, i) => i % 2 === 0);
    const ys = corners.filter((_, i) => i % 2 === 1);
    let area = 0;
    for (let i = 0; i < count; i++) area += xs[i] * ys[(i + 1) % count] - xs[(i + 1) % count] * ys[i];
    const side = area < 0 ? -1 : 1;
    const edges: { x: number; y: number; nx: number; ny: number }[] = [];
    for (let i = 0; i < count; i++) {
      const [dx, dy] = [xs[(i + 1) % count] - xs[i], ys[(i + 1) % count] - ys[i]];
      const length = Math.hypot(dx, dy);
      if (length > 0) edges.push({ x: xs[i], y: ys[i], nx: (side * dy) / length, ny: (-side * dx) / length });
    }
    const margin = Math.max(0, grow) + 1;
    const [left, right] = span(Math.min(...xs), Math.max(...xs), margin, this.width);
    const [top, bottom] = span(Math.min(...ys), Math.max(...ys), margin, this.height);
    for (let py = top; py <= bottom; py++) {
      for (let px = left; px <= right; px++) {
        let outside = -Infinity;
        for (const { x, y, nx, ny } of edges) outside = Math.max(outside, (px + 0.5 - x) * nx + (py + 0.5 - y) * ny);
        this.blend(px, py, color, 0.5 + grow - outside);
      }
    }
  }

  /** A filled rectangle with whole-pixel corners. */
  rectangle(x: number, y: number, width: number, height: number, color: Color): void {
    const [x0, y0] = [Math.round(x), Math.round(y)];
    for (let py = Math.max(0, y0); py < Math.min(this.height, y0 + height); py++) {
      for (let px = Math.max(0, x0); px < Math.min(this.width, x0 + width); px++) this.blend(px, py, color, 1);
    }
  }

  /** Digits, "-", ".", "s" and "m", `scale` pixels a cell; other characters leave a gap. @returns the width in pixels */
  text(text: string, x: number, y: number, color: Color, scale = 2): number {
    [...text].forEach((character, i) => {
      const rows = GLYPHS[character] ?? [];
      rows.forEach((bits, row) => {
        for (let column = 0; column < 3; column++) {
          if ((bits >> (2 - column)) & 1) {
            this.rectangle(x + (4 * i + column) * scale, y + row * scale, scale, scale, color);
          }
        }
      });
    });
    return 4 * text.length * scale;
  }

  private blend(x: number, y: number, color: Color, coverage: number): void {
    if (coverage <= 0) return;
    const at = 4 * (y * this.width + x);
    const share = Math.min(1, coverage);
    for (let i = 0; i < 3; i++) this.pixels[at + i] = this.pixels[at + i] + share * (color[i] - this.pixels[at + i]);
  }
}

function span(a: number, b: number, margin: number, size: number): [number, number] {
  return [Math.max(0, Math.floor(Math.min(a, b) - margin)), Math.min(size - 1, Math.ceil(Math.max(a, b) + margin))];
}
