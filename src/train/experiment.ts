import type { EnvSettings } from '../env/registry.js';
import type { PolicySettingsInput } from '../policy/settings.js';
import type { EvaluationInput } from './evaluations.js';

/** A preset: everything about a run but method, seed and what the user overrides. */
export interface Experiment {
  readonly name: string;
  /** One line for `trellis list`. */
  readonly summary: string;
  /** 2015: the paper's estimator, networks, scaling and environments. Never mixed with modern ones. */
  readonly track: '2015' | 'modern';
  /** Environment id */
  readonly environment: string;
  readonly environmentSettings?: EnvSettings;
  readonly policy: PolicySettingsInput;
  readonly iterations: number;
  /** Training ends with the iteration that reaches so many simulator steps. Default: when all iterations are done. */
  readonly simulatorSteps?: number;
  /** Evaluation while training; none without it. */
  readonly evaluation?: EvaluationInput;
  /**
   * Options of each method this experiment is set up for; the first is the default. Others take their own defaults, on
   * track `custom`. A name may go on after a slash to
   * tell presets of one method apart: `vine/q-per-state`. What they say of `policy`, `environment` (its settings) and
   * `evaluation` goes over what the experiment says.
   */
  readonly methods: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
