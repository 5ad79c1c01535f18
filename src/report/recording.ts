import type { Shape } from '../env/drawing.js';

/** Points that a shape has in a pose. */
export function pointsOf(shape: Shape): number {
  return shape.kind === 'bar' ? 2 : shape.points;
}

/** Where each shape's numbers begin in a pose (x, y of each point), and after the last how many a pose has. */
export function poseOffsets(shapes: readonly Shape[]): number[] {
  const offsets = [0];
  for (const shape of shapes) offsets.push(offsets.at(-1)! + 2 * pointsOf(shape));
  return offsets;
}

/** An episode, or several one after another, of moving shapes in a plane; lengths in metres. */
export interface ShapeRecording {
  readonly kind: 'shapes';
  readonly title: string;
  readonly secondsPerFrame: number;
  readonly shapes: readonly Shape[];
  /** Points of the shapes: frame, shape, point, (x, y), y upwards [frames × numbers of a pose] */
  readonly poses: Float32Array;
  /** x that the camera looks at [frames] */
  readonly focus: Float32Array;
  /** Sum of rewards of the episode so far [frames] */
  readonly score: Float32Array;
  /** Number of the episode [frames] */
  readonly episode: Int32Array;
  /** Height shown, from bottom to top, metres. */
  readonly view: readonly [number, number];
  /** y of the ground line; null: a grid everywhere (seen from above). */
  readonly ground: number | null;
}

/** A game's screens. */
export interface PixelRecording {
  readonly kind: 'pixels';
  readonly title: string;
  readonly secondsPerFrame: number;
  readonly width: number;
  readonly height: number;
  /** How much wider than high a pixel is shown. */
  readonly pixelAspect: number;
  /** 0xRRGGBB, at most 256 */
  readonly palette: Uint32Array;
  /** Palette indices, one array [height × width] a frame */
  readonly frames: readonly Uint8Array[];
  readonly score: Float32Array;
  readonly episode: Int32Array;
}

export type Recording = ShapeRecording | PixelRecording;

/** Number of frames. */
export function frameCount(recording: Recording): number {
  return recording.score.length;
}

/** Poses at a time between frames, linearly; the later frame where an episode begins in between. */
export function poseAt(
  recording: ShapeRecording,
  seconds: number,
): { pose: Float32Array; focus: number; frame: number } {
  const { poses, shapes, focus, episode, secondsPerFrame } = recording;
  const last = frameCount(recording) - 1;
  const at = Math.min(last, Math.max(0, seconds / secondsPerFrame));
  const frame = Math.min(last, Math.floor(at + 1e-9));
  const next = Math.min(last, frame + 1);
  const part = episode[next] === episode[frame] ? Math.max(0, at - frame) : 0;
  const size = poseOffsets(shapes).at(-1)!;
  const pose = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    pose[i] = (1 - part) * poses[frame * size + i] + part * poses[next * size + i];
  }
  return { pose, focus: (1 - part) * focus[frame] + part * focus[next], frame };
}
