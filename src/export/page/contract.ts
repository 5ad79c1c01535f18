/** What `exportPage` writes into a page, and the page reads. No import here or below reaches Node. */

import type { Stage } from '../../native/mujoco-batch.js';
import type { ColumnSource } from '../../native/mujoco-fields.js';
import type { ModelAnswers } from './recorded-model.js';

/** An environment as the page simulates it: numbers and text of its definition; its functions come as code. */
export interface PageEnvironment {
  readonly id: string;
  readonly xml: string;
  readonly substeps: number;
  readonly secondsPerStep: number;
  readonly maxEpisodeSteps: number;
  readonly observationSize: number;
  /** Of the control ranges: middles and half widths, one each an actuator. */
  readonly middle: readonly number[];
  readonly half: readonly number[];
  readonly gather: readonly (string | ColumnSource)[] | null;
  readonly outputs: readonly string[];
  readonly stage: Stage;
  readonly startStage: Stage;
  readonly memory: Readonly<Record<string, number>>;
  readonly keyframe: number | null;
  /** What the functions asked the model when they were made. */
  readonly answers: ModelAnswers;
}

/** A geom as it is drawn: points in its own frame, and the radius of the bar between two, or none for their hull. */
export interface PageGeom {
  readonly geom: number;
  readonly body: number;
  readonly points: readonly number[];
  readonly radius: number | null;
  readonly color: readonly number[];
  /** Whether it moves: the camera follows those that do. */
  readonly moves: boolean;
}

export interface PageScene {
  /** Axis that is up in the picture: 2 from the side, 1 from above. */
  readonly up: 1 | 2;
  /** Heights at the bottom and the top of the picture, metres. */
  readonly view: readonly [number, number];
  readonly ground: number | null;
  readonly geoms: readonly PageGeom[];
  /** Where the geoms are in the model's start pose: [geoms × 3], [geoms × 9]. */
  readonly positions: readonly number[];
  readonly turns: readonly number[];
}

export interface PageData {
  readonly title: string;
  readonly environment: PageEnvironment;
  readonly scene: PageScene;
  /** policy.json, and policy.safetensors as base64 */
  readonly policy: string;
  readonly tensors: string;
}
