import type { MujocoBatch } from '../native/mujoco-batch.js';
import { type Part, type Scene, toRgb } from './mujoco-geoms.js';

/** Triangles or segments of one flexible body at the most; with more, vertices that lie together become one. */
const MOST_ELEMENTS = 500;

/** mjtWrap of the first element of a fixed tendon, which has no path. */
const WRAP_JOINT = 1;
/** wrap_obj of a pulley: a path ends there and begins anew. */
const PULLEY = -2;

/** Spatial tendons: bars from point to point of their path. */
export function tendonParts({ model, up }: Scene, batch: MujocoBatch): Part[] {
  const field = (name: string) => model.field(name);
  const [types, firsts, counts] = [field('wrap_type'), field('tendon_adr'), field('tendon_num')];
  const spatial = model
    .names('tendon')
    .map((_, id) => id)
    .filter((id) => Number(types[Number(firsts[id])]) !== WRAP_JOINT);
  if (spatial.length === 0) return [];
  const [begins, used, objects] = ['ten_wrapadr', 'ten_wrapnum', 'wrap_obj'].map((name) => batch.output(name));
  const places = batch.output('wrap_xpos');
  const widths = field('tendon_width');
  return spatial.flatMap((id): Part[] => {
    const color = toRgb(field('tendon_rgba').subarray(4 * id, 4 * id + 3));
    // A geom that the path winds around has two points on it; bars that are not needed lie at the path's end.
    return Array.from({ length: 2 * Number(counts[id]) - 1 }, (_, k) => ({
      shape: { kind: 'bar', radius: Number(widths[id]), cap: 'round', color },
      write(out, at) {
        const last = Math.max(0, used![id] - 1);
        const from = begins![id] + Math.min(k, last);
        const next = begins![id] + Math.min(k + 1, last);
        const to = objects![from] === PULLEY || objects![next] === PULLEY ? from : next;
        out.set([places[3 * from], places[3 * from + up], places[3 * to], places[3 * to + up]], at);
      },
    }));
  });
}

/** Flexible bodies: segments (cables), triangles (cloth), or the triangles of their skin (solids). */
export function flexParts({ model, up }: Scene, batch: MujocoBatch): Part[] {
  const count = Number(model.sizes.nflex ?? 0);
  if (count === 0) return [];
  const places = batch.output('flexvert_xpos');
  const field = (name: string, id: number) => Number(model.field(`flex_${name}`)[id]);
  return Array.from({ length: count }, (_, id) => id).flatMap((id): Part[] => {
    const dimension = field('dim', id);
    const base = field('vertadr', id);
    const color = toRgb(model.field('flex_rgba').subarray(4 * id, 4 * id + 3));
    const corners = dimension === 1 ? 2 : 3;
    const all = dimension === 3 ? model.field('flex_shell') : model.field('flex_elem');
    const first = field(dimension === 3 ? 'shelldataadr' : 'elemdataadr', id);
    const size = corners * field(dimension === 3 ? 'shellnum' : 'elemnum', id);
    const elements = simplified(
      Array.from(all.subarray(first, first + size), (vertex) => base + Number(vertex)),
      corners,
      places,
    );
    const vertices = [...new Set(elements)];
    const follow = () => vertices.reduce((sum, vertex) => sum + places[3 * vertex], 0) / vertices.length;
    const write = (list: readonly number[]) => (out: Float32Array, at: number) =>
      list.forEach((vertex, i) => void out.set([places[3 * vertex], places[3 * vertex + up]], at + 2 * i));
    if (corners === 2) {
      const radius = Math.max(field('radius', id), 0.003);
      const pairs = Array.from({ length: elements.length / 2 }, (_, i) => elements.slice(2 * i, 2 * i + 2));
      return pairs.map((pair) => ({ shape: { kind: 'bar', radius, cap: 'round', color }, write: write(pair), follow }));
    }
    const numbers = new Map(vertices.map((vertex, i) => [vertex, i]));
    const faces = elements.map((vertex) => numbers.get(vertex)!);
    return [{ shape: { kind: 'surface', points: vertices.length, faces, color }, write: write(vertices), follow }];
  });
}

/** The elements, or fewer and larger ones: vertices within a cell of a grid over the body count as one of them. */
function simplified(elements: number[], corners: number, places: ArrayLike<number>): number[] {
  let kept = elements;
  const extent = [0, 1, 2].map((axis) => {
    const values = elements.map((vertex) => places[3 * vertex + axis]);
    return values.reduce((a, b) => Math.max(a, b), -Infinity) - values.reduce((a, b) => Math.min(a, b), Infinity);
  });
  const largest = Math.max(...extent, 1e-9);
  for (let cells = 32; kept.length > MOST_ELEMENTS * corners && cells >= 1; cells = Math.floor(cells / 1.4)) {
    const leaders = new Map<string, number>();
    const leader = (vertex: number) => {
      const cell = [0, 1, 2].map((axis) => Math.round((cells * places[3 * vertex + axis]) / largest)).join();
      if (!leaders.has(cell)) leaders.set(cell, vertex);
      return leaders.get(cell)!;
    };
    const seen = new Set<string>();
    kept = [];
    for (let i = 0; i < elements.length; i += corners) {
      const element = elements.slice(i, i + corners).map(leader);
      const name = element.toSorted((a, b) => a - b).join();
      if (new Set(element).size < corners || seen.has(name)) continue;
      seen.add(name);
      kept.push(...element);
    }
  }
  return kept;
}
