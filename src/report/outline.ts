import type { Shape } from '../env/drawing.js';
import { poseOffsets } from './recording.js';

/** What a painter draws, one after the other: bars, and convex polygons (x, y of each corner, in order). */
export type Piece =
  | { readonly kind: 'bar'; readonly shape: Extract<Shape, { kind: 'bar' }>; readonly ends: Float32Array }
  | {
      readonly kind: 'polygon';
      readonly corners: readonly number[];
      readonly color: Shape['color'];
      /** Whether a dark edge is drawn around it. */
      readonly edge: boolean;
    };

/** Brightness of a face of a surface that is seen from behind. */
const BEHIND = 0.75;

/** The pieces of a pose. */
export function* pieces(shapes: readonly Shape[], pose: Float32Array): Generator<Piece> {
  const offsets = poseOffsets(shapes);
  for (const [i, shape] of shapes.entries()) {
    const points = pose.subarray(offsets[i], offsets[i + 1]);
    if (shape.kind === 'bar') {
      yield { kind: 'bar', shape, ends: points };
    } else if (shape.kind === 'hull') {
      yield { kind: 'polygon', corners: convexHull(points), color: shape.color, edge: true };
    } else {
      const { faces, shades, color } = shape;
      for (let face = 0; 3 * face < faces.length; face++) {
        const corners = [0, 1, 2].flatMap((k) => {
          const at = 2 * faces[3 * face + k];
          return [points[at], points[at + 1]];
        });
        const shade = shades?.[face] ?? (turn(corners, 0, 1, 2) >= 0 ? 1 : BEHIND);
        yield { kind: 'polygon', corners, color: [color[0] * shade, color[1] * shade, color[2] * shade], edge: false };
      }
    }
  }
}

/** The convex hull of points in a plane, counter-clockwise (Andrew's monotone chain). */
export function convexHull(points: ArrayLike<number>): number[] {
  const order = Array.from({ length: points.length / 2 }, (_, i) => i);
  order.sort((a, b) => points[2 * a] - points[2 * b] || points[2 * a + 1] - points[2 * b + 1]);
  const half = (sequence: readonly number[]) => {
    const chain: number[] = [];
    for (const i of sequence) {
      while (chain.length > 1 && turn(points, chain.at(-2)!, chain.at(-1)!, i) <= 0) chain.pop();
      chain.push(i);
    }
    return chain.slice(0, -1);
  };
  const corners = [...half(order), ...half(order.toReversed())];
  return (corners.length > 0 ? corners : order.slice(0, 1)).flatMap((i) => [points[2 * i], points[2 * i + 1]]);
}

/** Twice the area of a triangle of points: positive where it turns left. */
function turn(points: ArrayLike<number>, a: number, b: number, c: number): number {
  const [x, y] = [points[2 * a], points[2 * a + 1]];
  return (points[2 * b] - x) * (points[2 * c + 1] - y) - (points[2 * b + 1] - y) * (points[2 * c] - x);
}
