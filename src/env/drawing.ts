type Rgb = readonly [number, number, number];

/** A rounded or square bar, as capsules, spheres and tendons are drawn: two points, its ends. A disc has length 0. */
export interface Bar {
  readonly kind: 'bar';
  /** Half the thickness, metres. */
  readonly radius: number;
  /** round: half discs at both ends (capsule, sphere); flat: cut at the ends. */
  readonly cap: 'round' | 'flat';
  /** 0 … 255 each */
  readonly color: Rgb;
}

/** The outline around some points of a body, as boxes, cylinders, ellipsoids and meshes are drawn. */
export interface Hull {
  readonly kind: 'hull';
  readonly points: number;
  readonly color: Rgb;
}

/** Triangles, as height fields and flexible bodies are drawn. */
export interface Surface {
  readonly kind: 'surface';
  readonly points: number;
  /** Three points each. */
  readonly faces: readonly number[];
  /** Brightness of each face; none: 1 where it shows its front, darker from behind. */
  readonly shades?: readonly number[];
  readonly color: Rgb;
}

/** What a drawing is made of. */
export type Shape = Bar | Hull | Surface;
