import type { Drawer } from '../../../src/index.js';

type Point = readonly [x: number, y: number];
type Shape = Drawer['shapes'][number];

const rod = [200, 120, 60] as const;
const metal = [60, 60, 60] as const;
const bar = (radius: number, color: Shape['color']): Shape => ({ kind: 'bar', radius, cap: 'round', color });

/** Bars between points that depend on a state. */
function bars(
  shapes: readonly Shape[],
  view: readonly [number, number],
  center: number,
  ends: (state: Float64Array) => readonly Point[],
): Drawer {
  return {
    shapes,
    view,
    ground: null,
    pose(env, out, at) {
      out.set(ends(env.readState!(0)).flat(), at);
      return center;
    },
    close() {},
  };
}

/** A rod of 1 m on a pivot. State: angle from upright. */
export function pendulumDrawer(): Drawer {
  const pivot: Point = [0, 0];
  return bars([bar(0.08, rod), bar(0.05, metal)], [-1.3, 1.3], 0, ([angle]) => {
    return [pivot, [-Math.sin(angle!), Math.cos(angle!)], pivot, pivot];
  });
}

/** Two links of 1 m that hang, and the height to reach. State: two angles, the second relative to the first. */
export function acrobotDrawer(): Drawer {
  const pivot: Point = [0, 0];
  const line: readonly Point[] = [
    [-2.2, 1],
    [2.2, 1],
  ];
  const shapes = [bar(0.01, metal), bar(0.08, rod), bar(0.08, rod), bar(0.05, metal), bar(0.05, metal)];
  return bars(shapes, [-2.3, 2.3], 0, ([first, second]) => {
    const elbow: Point = [Math.sin(first!), -Math.cos(first!)];
    const tip: Point = [elbow[0] + Math.sin(first! + second!), elbow[1] - Math.cos(first! + second!)];
    return [...line, pivot, elbow, elbow, tip, pivot, pivot, elbow, elbow];
  });
}

/** The valley from -1.2 to 0.6, its flag at 0.45, and the car. State: position. */
export function mountainCarDrawer(): Drawer {
  const height = (x: number) => 0.45 * Math.sin(3 * x) + 0.55;
  const stretches = 36;
  const ground = Array.from({ length: stretches + 1 }, (_, i): Point => {
    const x = -1.2 + (1.8 * i) / stretches;
    return [x, height(x)];
  });
  const valley = ground.slice(1).flatMap((point, i): readonly Point[] => [ground[i], point]);
  const flag: readonly Point[] = [
    [0.45, height(0.45)],
    [0.45, height(0.45) + 0.2],
    [0.46, height(0.45) + 0.18],
    [0.51, height(0.45) + 0.18],
  ];
  const shapes = [
    ...Array.from({ length: stretches }, () => bar(0.008, metal)),
    bar(0.006, metal),
    bar(0.02, [200, 60, 60]),
    bar(0.03, [70, 110, 160]),
  ];
  return bars(shapes, [-0.1, 1.4], -0.3, ([x]) => {
    const slope = Math.atan(3 * 0.45 * Math.cos(3 * x!));
    const [along, up] = [0.05 * Math.cos(slope), 0.05 * Math.sin(slope)];
    const y = height(x!) + 0.045;
    return [...valley, ...flag, [x! - along, y - up], [x! + along, y + up]];
  });
}
