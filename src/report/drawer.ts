import type { Snapshot } from '../env/types.js';
import type { Shape, ShapeRecording } from './recording.js';

/** Turns states of one environment into shapes. */
export interface Drawer {
  readonly shapes: readonly Shape[];
  readonly view: ShapeRecording['view'];
  readonly ground: number | null;
  /** Writes the points of all shapes for row 0 of a snapshot to out[at …]. @returns x to look at */
  pose(snapshot: Snapshot, out: Float32Array, at: number): number;
  close(): void;
}
