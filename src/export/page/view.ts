import { project } from '../../report/mujoco-geoms.js';
import type { PageScene } from './contract.js';
import type { Canvas, Paint } from './dom.js';

/** Where geoms are: [geoms × 3] and [geoms × 9]. */
export interface Poses {
  readonly positions: ArrayLike<number>;
  readonly turns: ArrayLike<number>;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const css = (color: readonly number[], shade: number) => `rgb(${color.map((c) => Math.round(c * shade)).join(' ')})`;

/** Draws a scene on a canvas, following what moves. Metres in, pixels out. */
export class View {
  private readonly paint: Paint;
  private eye = 0;
  private scale = 1;

  constructor(
    private readonly canvas: Canvas,
    private readonly scene: PageScene,
    private readonly ratio: number,
  ) {
    this.paint = canvas.getContext('2d');
  }

  /** The place in the picture's plane (across, up), metres, under a pixel of the page. */
  toScene(x: number, y: number): Point {
    return {
      x: (x * this.ratio - this.canvas.width / 2) / this.scale + this.eye,
      y: this.scene.view[1] - (y * this.ratio) / this.scale,
    };
  }

  /** Points of a geom in the picture's plane. */
  points(index: number, poses: Poses): Float32Array {
    const { geom, points } = this.scene.geoms[index];
    const out = new Float32Array((2 * points.length) / 3);
    project({ ...poses, up: this.scene.up }, geom, points, out, 0);
    return out;
  }

  draw(poses: Poses, hand: { readonly from: Point; readonly to: Point } | null): void {
    const { canvas, paint, scene, ratio } = this;
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    const [bottom, top] = scene.view;
    this.scale = canvas.height / (top - bottom);
    const moving = scene.geoms.filter(({ moves }) => moves);
    if (moving.length > 0) {
      this.eye = moving.reduce((sum, { geom }) => sum + poses.positions[3 * geom], 0) / moving.length;
    }
    paint.clearRect(0, 0, canvas.width, canvas.height);
    this.drawGround();
    for (let i = 0; i < scene.geoms.length; i++) this.drawGeom(i, poses);
    if (hand === null) return;
    paint.strokeStyle = '#c0392b';
    paint.lineWidth = 3 * ratio;
    this.line(hand.from, hand.to);
  }

  private toX = (x: number) => this.canvas.width / 2 + (x - this.eye) * this.scale;
  private toY = (y: number) => (this.scene.view[1] - y) * this.scale;

  private line(from: Point, to: Point): void {
    const { paint } = this;
    paint.beginPath();
    paint.moveTo(this.toX(from.x), this.toY(from.y));
    paint.lineTo(this.toX(to.x), this.toY(to.y));
    paint.stroke();
  }

  /** The ground, where there is one, and marks every metre: what shows that it moves. */
  private drawGround(): void {
    const { canvas, paint, scene, ratio } = this;
    const base = scene.ground === null ? canvas.height - 22 * ratio : this.toY(scene.ground);
    if (scene.ground !== null) {
      paint.fillStyle = '#cdd0c8';
      paint.fillRect(0, base, canvas.width, canvas.height);
    }
    paint.fillStyle = '#5a5f64';
    paint.font = `${12 * ratio}px system-ui, sans-serif`;
    const reach = canvas.width / 2 / this.scale;
    for (let x = Math.ceil(this.eye - reach); x <= this.eye + reach; x++) {
      paint.fillRect(this.toX(x) - 1, base, 2, 8 * ratio);
      paint.fillText(`${x} m`, this.toX(x) + 5, base + 16 * ratio);
    }
  }

  private drawGeom(index: number, poses: Poses): void {
    const { paint, ratio, scale } = this;
    const { radius, color } = this.scene.geoms[index];
    const flat = this.points(index, poses);
    const points = Array.from({ length: flat.length / 2 }, (_, i) => ({ x: flat[2 * i], y: flat[2 * i + 1] }));
    if (radius === null) {
      paint.beginPath();
      for (const [i, { x, y }] of hull(points).entries()) {
        if (i === 0) paint.moveTo(this.toX(x), this.toY(y));
        else paint.lineTo(this.toX(x), this.toY(y));
      }
      paint.closePath();
      paint.fillStyle = css(color, 1);
      paint.fill();
      paint.strokeStyle = css(color, 0.45);
      paint.lineWidth = 1.2 * ratio;
      paint.stroke();
      return;
    }
    const [from, to] = points as [Point, Point];
    // A line of no length is not drawn, not even its round ends.
    const end = from.x === to.x && from.y === to.y ? { x: to.x + 1e-4, y: to.y } : to;
    paint.lineCap = 'round';
    for (const [grow, shade] of [
      [2.4, 0.45],
      [-1.2, 1],
    ] as const) {
      paint.strokeStyle = css(color, shade);
      paint.lineWidth = Math.max(2, 2 * radius * scale + grow * ratio);
      this.line(from, end);
    }
  }
}

/** The convex hull of points, counterclockwise (Andrew's monotone chain). */
function hull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const turns = (a: Point, b: Point, c: Point) => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  const half = (list: readonly Point[]) => {
    const chain: Point[] = [];
    for (const point of list) {
      while (chain.length > 1 && turns(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}
