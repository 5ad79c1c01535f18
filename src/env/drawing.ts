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

/** What a drawer reads of a VectorEnv. */
export interface Drawn {
  readonly observations: Float32Array | Uint8Array;
  readState?(slot: number): Float64Array;
}

/** Turns states of one environment into shapes; what `render` and replays show. */
export interface Drawer {
  readonly shapes: readonly Shape[];
  /** Lowest and highest y of the picture, metres. */
  readonly view: readonly [number, number];
  /** Height of the ground; null: none, as where one looks from above. */
  readonly ground: number | null;
  /**
   * Writes the points of all shapes, x and y of each in metres, for slot 0 of an environment to out[at …].
   * @returns x to look at
   */
  pose(env: Drawn, out: Float32Array, at: number): number;
  close(): void;
}
