import { pacerOf } from '../base/scheduling.js';
import type { ObservationArray } from '../env/types.js';
import type { NetworkEngine } from '../network/types.js';

/** Paths looked at; an early batch of a falling robot has tens of thousands of short ones. */
const MAX_PATHS = 256;

/**
 * The original code's "fancy" damping: damping · diag of the mean over paths of the squared gradient of the path's own
 * objective. Of many paths, 256 evenly spaced ones are taken.
 * @param cotangents [S × m], of the batch's mean objective
 * @param offsets first state of each path, then S [E + 1]
 */
export async function pathDamping(
  engine: NetworkEngine,
  observations: ObservationArray,
  cotangents: Float32Array,
  offsets: Int32Array,
  damping: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const pacer = pacerOf(signal);
  const paths = offsets.length - 1;
  const states = offsets[paths];
  const width = observations.length / states;
  const m = cotangents.length / states;
  const taken = Math.min(paths, MAX_PATHS);
  const diagonal = new Float64Array(engine.parameterCount);
  for (let k = 0; k < taken; k++) {
    const path = Math.floor((k * paths) / taken);
    const from = offsets[path];
    const to = offsets[path + 1];
    const data = await engine.load(observations.subarray(from * width, to * width), to - from);
    const gradient = await engine.vjp(data, cotangents.subarray(from * m, to * m));
    data.release();
    // The batch's objective is a mean over S states, the path's own a mean over its steps.
    const scale = states / (to - from);
    for (let i = 0; i < diagonal.length; i++) diagonal[i] += (damping * (gradient[i] * scale) ** 2) / taken;
    if (pacer.due()) await pacer.pause();
  }
  return diagonal;
}
