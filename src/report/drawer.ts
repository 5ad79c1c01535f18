import type { VectorEnv } from '../env/types.js';
import type { Shape, ShapeRecording } from './recording.js';

/** Turns states of one environment into shapes. */
export interface Drawer {
  readonly shapes: readonly Shape[];
  readonly view: ShapeRecording['view'];
  readonly ground: number | null;
  /** Writes the points of all shapes for slot 0 of an environment to out[at …]. @returns x to look at */
  pose(env: VectorEnv, out: Float32Array, at: number): number;
  close(): void;
}
