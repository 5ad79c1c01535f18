import type { Shape } from '../env/drawing.js';
import type { MujocoGeom, MujocoModel } from '../native/mujoco-model.js';

/** A shape of a MuJoCo model, and how its points are found. */
export interface Part {
  readonly shape: Shape;
  /** Writes the points to out[at …], x and y of each. */
  write(out: Float32Array, at: number): void;
  /** x that the camera follows; absent for what belongs to the world. */
  readonly follow?: () => number;
}

/** Where bodies are now, and which of the axes is up in the picture (2 from the side, 1 from above); x is to the right. */
export interface Scene {
  readonly model: MujocoModel;
  readonly up: 1 | 2;
  /** [geoms × 3] */
  readonly positions: Float64Array;
  /** [geoms × 9] */
  readonly turns: Float64Array;
}

/** Groups of geoms that MuJoCo's own viewers show at first; the others are mostly collision shapes of the same bodies. */
const SHOWN_GROUPS = 3;
/** With more meshes than this, each gets fewer points. */
const MANY_MESHES = 40;

/** Directions in which the outermost points of a body are looked for: evenly over the sphere, and along the axes. */
function directions(count: number): number[][] {
  const golden = Math.PI * (3 - Math.sqrt(5));
  const spread = Array.from({ length: count }, (_, i) => {
    const z = 1 - (2 * i + 1) / count;
    const r = Math.sqrt(1 - z * z);
    return [r * Math.cos(golden * i), r * Math.sin(golden * i), z];
  });
  return [...spread, [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]];
}

/** The geoms to be drawn: those that are shown at first, all where that leaves nothing; never the ground. */
export function shownGeoms(model: MujocoModel): MujocoGeom[] {
  const groups = model.field('geom_group');
  const colors = model.field('geom_rgba');
  const geoms = model.names('geom').map((_, id) => model.geom(id));
  const solid = geoms.filter(({ id, type }) => type !== 'plane' && type !== 'hfield' && Number(colors[4 * id + 3]) > 0);
  const shown = solid.filter(({ id }) => Number(groups[id]) < SHOWN_GROUPS);
  return shown.length > 0 ? shown : solid;
}

/** A geom and the points of its own frame that draw it: the ends of a bar, or those whose hull is its outline. */
export interface GeomOutline {
  readonly geom: MujocoGeom;
  readonly shape: Extract<Shape, { kind: 'hull' | 'bar' }>;
  /** x, y, z each */
  readonly points: ArrayLike<number>;
  /** Whether it is part of a body that can move. */
  readonly moves: boolean;
}

export function geomOutlines(model: MujocoModel, geoms: readonly MujocoGeom[]): GeomOutline[] {
  const meshes = geoms.filter(({ type }) => type === 'mesh' || type === 'sdf').length;
  const around = directions(meshes > MANY_MESHES ? 18 : 48);
  const welds = model.field('body_weldid');
  return geoms.map((geom): GeomOutline => {
    const { id, bodyId } = geom;
    const color = geomColor(model, id);
    const ends = barEnds(geom);
    const points = ends ?? hullPoints(model, geom, around);
    const shape: GeomOutline['shape'] =
      ends === null
        ? { kind: 'hull', points: points.length / 3, color }
        : { kind: 'bar', radius: geom.size[0], cap: 'round', color };
    return { geom, shape, points, moves: Number(welds[bodyId]) !== 0 };
  });
}

/** Shapes of the geoms. */
export function geomParts(scene: Scene, geoms: readonly MujocoGeom[]): Part[] {
  return geomOutlines(scene.model, geoms).map(({ geom: { id }, shape, points, moves }): Part => {
    const follow = moves ? { follow: () => scene.positions[3 * id] } : {};
    return { shape, write: (out, at) => project(scene, id, points, out, at), ...follow };
  });
}

/** Writes where points of a geom's frame (x, y, z each) are in the picture. */
export function project(
  { positions, turns, up }: { positions: ArrayLike<number>; turns: ArrayLike<number>; up: 1 | 2 },
  geom: number,
  points: ArrayLike<number>,
  out: Float32Array,
  at: number,
): void {
  const across = 9 * geom;
  const upward = across + 3 * up;
  for (let i = 0, to = at; i < points.length; i += 3) {
    const [x, y, z] = [points[i], points[i + 1], points[i + 2]];
    out[to++] = positions[3 * geom] + turns[across] * x + turns[across + 1] * y + turns[across + 2] * z;
    out[to++] = positions[3 * geom + up] + turns[upward] * x + turns[upward + 1] * y + turns[upward + 2] * z;
  }
}

/** Ends of the axis of a sphere or capsule; null for other geoms. */
function barEnds({ type, size }: MujocoGeom): number[] | null {
  if (type !== 'sphere' && type !== 'capsule') return null;
  const half = type === 'sphere' ? 0 : size[1];
  return [0, 0, -half, 0, 0, half];
}

/** Points in a geom's own frame whose hull has its outline: x, y, z each. */
function hullPoints(model: MujocoModel, { id, type, size }: MujocoGeom, around: readonly number[][]): Float64Array {
  const [a, b, c] = size;
  const signs = [-1, 1];
  if (type === 'box') {
    return Float64Array.from(signs.flatMap((x) => signs.flatMap((y) => signs.flatMap((z) => [x * a, y * b, z * c]))));
  }
  if (type === 'cylinder') {
    const ring = Array.from({ length: 12 }, (_, i) => (i * Math.PI) / 6);
    return Float64Array.from(signs.flatMap((z) => ring.flatMap((t) => [a * Math.cos(t), a * Math.sin(t), z * b])));
  }
  if (type === 'ellipsoid') return Float64Array.from(around.flatMap(([x, y, z]) => [x! * a, y! * b, z! * c]));
  return outermost(meshVertices(model, Number(model.field('geom_dataid')[id])), around);
}

function meshVertices(model: MujocoModel, mesh: number): Float32Array {
  const first = Number(model.field('mesh_vertadr')[mesh]);
  const count = Number(model.field('mesh_vertnum')[mesh]);
  return model.field('mesh_vert').subarray(3 * first, 3 * (first + count)) as Float32Array;
}

/** The vertices that lie furthest out in any of the directions, each once. */
function outermost(vertices: Float32Array, around: readonly number[][]): Float64Array {
  const found = new Set<number>();
  for (const [x, y, z] of around) {
    let best = 0;
    let reach = -Infinity;
    for (let i = 0; i < vertices.length; i += 3) {
      const along = x! * vertices[i] + y! * vertices[i + 1] + z! * vertices[i + 2];
      if (along > reach) [best, reach] = [i, along];
    }
    found.add(best);
  }
  return Float64Array.from([...found].flatMap((i) => [vertices[i], vertices[i + 1], vertices[i + 2]]));
}

/** Its own colour, or its material's where it has none of its own. */
export function geomColor(model: MujocoModel, geom: number): Shape['color'] {
  const own = model.field('geom_rgba').subarray(4 * geom, 4 * geom + 3);
  const material = Number(model.field('geom_matid')[geom]);
  const plain = own.every((value) => value === 0.5);
  return toRgb(plain && material >= 0 ? model.field('mat_rgba').subarray(4 * material, 4 * material + 3) : own);
}

export function toRgb(color: ArrayLike<number>): Shape['color'] {
  const [r, g, b] = Array.from(color, (value) => Math.round(255 * value));
  return [r!, g!, b!];
}
