import type { Surface } from '../env/drawing.js';
import type { MujocoModel } from '../native/mujoco-model.js';
import { geomColor, type Part, project, type Scene } from './mujoco-geoms.js';

/** Columns of a height field's profile, and rows and columns of its surface, at the most. */
const PROFILE = 120;
const GRID = 28;

/** Height fields: their profile from the side, their surface from above. */
export function heightFieldParts(scene: Scene): Part[] {
  const { model, up } = scene;
  const geoms = model.names('geom').map((_, id) => model.geom(id));
  return geoms
    .filter(({ type }) => type === 'hfield')
    .map(({ id }) => {
      const field = readField(model, Number(model.field('geom_dataid')[id]));
      return up === 2 ? profile(scene, id, field) : surface(scene, id, field);
    });
}

interface HeightField {
  readonly rows: number;
  readonly columns: number;
  /** Half lengths along x and y, height of 1, depth of the base below 0. */
  readonly size: readonly number[];
  /** [rows × columns], 0 … 1 */
  readonly heights: Float32Array;
}

function readField(model: MujocoModel, id: number): HeightField {
  const [rows, columns, first] = ['nrow', 'ncol', 'adr'].map((name) => Number(model.field(`hfield_${name}`)[id]));
  const size = Array.from(model.field('hfield_size').subarray(4 * id, 4 * id + 4), Number);
  const heights = model.field('hfield_data').subarray(first!, first! + rows! * columns!) as Float32Array;
  return { rows: rows!, columns: columns!, size, heights };
}

/** The highest points along whichever of the field's axes runs across the picture, down to its base. */
function profile(scene: Scene, id: number, field: HeightField): Part {
  const lines = ([0, 1] as const).map((axis) => {
    const length = axis === 0 ? field.columns : field.rows;
    const count = Math.min(PROFILE, length);
    const points: number[] = [];
    for (let k = 0; k < count; k++) {
      const from = Math.floor((k * length) / count);
      const end = Math.max(from + 1, Math.floor(((k + 1) * length) / count));
      const along = field.size[axis] * ((2 * k) / Math.max(1, count - 1) - 1);
      const top = field.size[2] * highest(field, axis, from, end);
      for (const z of [top, -field.size[3]]) points.push(axis === 0 ? along : 0, axis === 0 ? 0 : along, z);
    }
    return points;
  });
  const points = Math.max(...lines.map((line) => line.length / 3));
  const faces: number[] = [];
  for (let i = 0; i + 3 < points; i += 2) faces.push(i, i + 1, i + 2, i + 1, i + 3, i + 2);
  const shades = faces.filter((_, i) => i % 3 === 0).map(() => 1);
  const shape: Surface = { kind: 'surface', points, faces, shades, color: geomColor(scene.model, id) };
  return {
    shape,
    write(out, at) {
      const axis = Math.abs(scene.turns[9 * id]) >= Math.abs(scene.turns[9 * id + 1]) ? 0 : 1;
      const line = lines[axis];
      project(scene, id, line, out, at);
      // The shorter line ends in a point.
      for (let i = (2 * line.length) / 3; i < 2 * points; i++) out[at + i] = out[at + i - 4];
    },
  };
}

function highest({ rows, columns, heights }: HeightField, axis: 0 | 1, from: number, end: number): number {
  let top = 0;
  for (let across = 0; across < (axis === 0 ? rows : columns); across++) {
    for (let along = from; along < end; along++) {
      top = Math.max(top, heights[axis === 0 ? across * columns + along : along * columns + across]);
    }
  }
  return top;
}

/** A grid of triangles, the brighter the higher. */
function surface(scene: Scene, id: number, field: HeightField): Part {
  const [rows, columns] = [Math.min(GRID, field.rows), Math.min(GRID, field.columns)];
  const points: number[] = [];
  const at = (r: number, c: number) => {
    const row = Math.round((r * (field.rows - 1)) / Math.max(1, rows - 1));
    const column = Math.round((c * (field.columns - 1)) / Math.max(1, columns - 1));
    return field.heights[row * field.columns + column];
  };
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const [x, y] = [(2 * c) / Math.max(1, columns - 1) - 1, (2 * r) / Math.max(1, rows - 1) - 1];
      points.push(x * field.size[0], y * field.size[1], at(r, c) * field.size[2]);
    }
  }
  const faces: number[] = [];
  const shades: number[] = [];
  for (let r = 0; r + 1 < rows; r++) {
    for (let c = 0; c + 1 < columns; c++) {
      const i = r * columns + c;
      faces.push(i, i + 1, i + columns, i + 1, i + columns + 1, i + columns);
      const height = (at(r, c) + at(r + 1, c) + at(r, c + 1) + at(r + 1, c + 1)) / 4;
      shades.push(0.55 + 0.6 * height, 0.55 + 0.6 * height);
    }
  }
  const shape: Surface = {
    kind: 'surface',
    points: points.length / 3,
    faces,
    shades,
    color: geomColor(scene.model, id),
  };
  return { shape, write: (out, to) => project(scene, id, points, out, to) };
}
