import type { Drawer } from '../../src/index.js';

/** Cart 0.5 m × 0.3 m, wheels, and the pole in its length of 1 m. State: x, velocity, angle, angular velocity. */
export function cartpoleDrawer(): Drawer {
  const cart = [70, 110, 160] as const;
  const wheel = [60, 60, 60] as const;
  const height = 0.3;
  return {
    shapes: [
      { kind: 'bar', radius: 0.08, cap: 'round', color: wheel },
      { kind: 'bar', radius: 0.08, cap: 'round', color: wheel },
      { kind: 'bar', radius: 0.13, cap: 'flat', color: cart },
      { kind: 'bar', radius: 0.04, cap: 'round', color: [200, 120, 60] },
      { kind: 'bar', radius: 0.05, cap: 'round', color: wheel },
    ],
    view: [-0.4, 2],
    ground: 0,
    pose(env, out, at) {
      const [x, , angle] = env.readState!(0) as Float64Array as unknown as [number, number, number, number];
      const tip = [x + Math.sin(angle), height + Math.cos(angle)] as const;
      const wheels = [x - 0.15, 0.08, x - 0.15, 0.08, x + 0.15, 0.08, x + 0.15, 0.08];
      out.set([...wheels, x - 0.25, 0.25, x + 0.25, 0.25, x, height, ...tip, x, height, x, height], at);
      return 0;
    },
    close() {},
  };
}
