/**
 * trellis-rl: batches of MuJoCo and Atari simulators, environments, policies, and trust region policy optimisation.
 * Importing it registers nothing and loads no native code: `registerPaper` of trellis-rl/paper and `registerEnvs` of
 * trellis-rl/envs fill the registries, the addon is loaded at first use.
 */

// Training

export type {
  CheckpointEvent,
  EndEvent,
  EvaluationEvent,
  IterationEvent,
  RunEvent,
  StartEvent,
  TrainCallbacks,
} from './train/callbacks.js';
export type { RunConfig, RunConfigInput } from './train/config.js';
export { resolveConfig } from './train/config.js';
export type { EvaluateOptions, EvaluateRunOptions, Evaluation } from './train/evaluate.js';
export { evaluatePolicy, evaluateRun } from './train/evaluate.js';
export type { EvaluationInput, EvaluationRow, EvaluationSettings } from './train/evaluations.js';
export { EVALUATION_COLUMNS } from './train/evaluations.js';
export type { Experiment, ExperimentChoices, Settings } from './train/experiments.js';
export {
  experimentConfig,
  getExperiment,
  listExperiments,
  mergeSettings,
  parseAssignments,
  registerExperiment,
} from './train/experiments.js';
export type { Logger, LoggerDefinition } from './train/logger.js';
export { getLogger, listLoggers, registerLogger } from './train/loggers.js';
export type { TrainOptions } from './train/options.js';
export type { ProgressRow } from './train/progress.js';
export { FINAL_ITERATIONS, parseProgress } from './train/progress.js';
export type { TrainResult } from './train/run.js';
export { resume, train } from './train/train.js';
export type { TrainedPolicy } from './train/trained-policy.js';

// Studies: many runs, one folder

export type { CellPlace } from './train/cell-pace.js';
export type { CellStatus } from './train/cell-status.js';
export { cellStatus, describeStatus } from './train/cell-status.js';
export type { Cell, CellSelection } from './train/cells.js';
export { budgetedIterations, runName, selectCells } from './train/cells.js';
export { formatDuration } from './train/loggers/display.js';
export type { CellEvent, RunCellsOptions } from './train/run-cells.js';
export { runCells } from './train/run-cells.js';

// Methods and their parts

export type { Column, ColumnSpec, CommonColumn } from './algorithms/columns.js';
export { COMMON_COLUMNS } from './algorithms/columns.js';
export type { Method } from './algorithms/define.js';
export { defineAlgorithm } from './algorithms/define.js';
export { getAlgorithm, listAlgorithms, registerAlgorithm } from './algorithms/index.js';
export { joinStates, partOfState } from './algorithms/parts-of-state.js';
export type {
  Algorithm,
  AlgorithmContext,
  AlgorithmDefinition,
  AlgorithmState,
  EpisodeFigures,
  IterationHooks,
  IterationReport,
  OptionsSchema,
  StateArray,
} from './algorithms/types.js';
export type { EstimatorOptions } from './estimate/advantages.js';
export { advantages, advantageUnit, estimatorSchema, scaleAdvantages } from './estimate/advantages.js';
export { timeDependentBaseline } from './estimate/baseline.js';
export { discountedQ } from './estimate/discounted-q.js';
export type { GaeOptions, PathValues, RewardedPaths } from './estimate/gae.js';
export { generalizedAdvantages } from './estimate/gae.js';
export { discountedReturns } from './estimate/returns.js';
export type { ValueFit, ValueFitOptions, ValueFunctionOptions } from './estimate/value-function.js';
export { ValueFunction } from './estimate/value-function.js';
export type { VineEstimatorOptions } from './estimate/vine-advantages.js';
export { vineAdvantages, vineEstimatorSchema, vineUnit } from './estimate/vine-advantages.js';
export type { ActionSet } from './optimize/action-set.js';
export type { AdamOptions } from './optimize/adam.js';
export { Adam, clipByNorm } from './optimize/adam.js';
export type { ClippedSurrogate } from './optimize/clipped-surrogate.js';
export { clippedSurrogate } from './optimize/clipped-surrogate.js';
export { conjugateGradient } from './optimize/conjugate-gradient.js';
export type { Candidate, LineSearchOptions, LineSearchResult } from './optimize/line-search.js';
export { lineSearch, lineSearchSchema } from './optimize/line-search.js';
export type { Objective } from './optimize/objectives.js';
export {
  importanceSampledSurrogate,
  klDivergence,
  logLikelihood,
  meanEntropy,
  negativeMeanKl,
} from './optimize/objectives.js';
export type { Problem, Step, StepDiagnostics, TrustRegionOptions } from './optimize/trust-region.js';
export { trustRegionSchema, trustRegionStep } from './optimize/trust-region.js';
export type { ValueClip } from './optimize/value-error.js';
export { negativeValueError } from './optimize/value-error.js';
export { dot } from './optimize/vectors.js';
export { selfNormalizedSurrogate } from './optimize/vine-objectives.js';
export type { Actor, Behaviour, StepRows } from './rollout/behaviour.js';
export { askActor, drawActions, takeModes } from './rollout/behaviour.js';
export type { BranchRequest, BranchResult } from './rollout/branches.js';
export { BranchRunner } from './rollout/branches.js';
export { CandidateSampler, candidateNoise } from './rollout/candidates.js';
export type { EpisodeRequest } from './rollout/episodes.js';
export { EpisodeRecord, playEpisodes } from './rollout/episodes.js';
export type { BranchSummary, GroupedBatch, PathSummary } from './rollout/grouped.js';
export type { LockstepHooks, LockstepOptions } from './rollout/lockstep.js';
export { Lockstep } from './rollout/lockstep.js';
export { minibatches, shuffledIndices } from './rollout/minibatches.js';
export type { SampleRequest, StatesInProgress } from './rollout/path-group.js';
export type { SinglePathOptions } from './rollout/paths.js';
export { SinglePathSampler, singlePathSchema } from './rollout/paths.js';
export type { Places } from './rollout/places.js';
export type { ReplayField, ReplayRows } from './rollout/replay-buffer.js';
export { ReplayBuffer } from './rollout/replay-buffer.js';
export type { RolloutStates } from './rollout/rollout-set.js';
export { RolloutSet } from './rollout/rollout-set.js';
export { takeRows } from './rollout/rows.js';
export type { SegmentBatch, SegmentOptions, WholeEpisodes } from './rollout/segments.js';
export { SegmentSampler } from './rollout/segments.js';
export type * from './rollout/types.js';
export { VineSampler } from './rollout/vine.js';
export type { VineOptions } from './rollout/vine-options.js';
export { vineSchema } from './rollout/vine-options.js';

// Several processes

export { alone, type Communicator } from './cluster/communicator.js';
export { Groups } from './cluster/groups.js';
export { openCommunicator } from './cluster/mpi.js';

// Networks

export type { EngineMaker } from './network/engines/index.js';
export { createEngine, listEngines, registerEngine } from './network/engines/index.js';
export type { Initialiser, InitialThetaOptions } from './network/initialise.js';
export {
  authors,
  constant,
  fanInNormal,
  fanInUniform,
  glorotUniform,
  initialTheta,
  orthogonal,
  rowNorm,
} from './network/initialise.js';
export type { LayerLayout, NetworkLayout } from './network/layout.js';
export { networkLayout, parameterCount } from './network/layout.js';
export type * from './network/types.js';
export { withHead } from './network/with-head.js';

// Policies

export type { DistributionMaker } from './policy/distribution.js';
export { listDistributions, makeDistribution, registerDistribution } from './policy/distribution.js';
export type { ActOptions } from './policy/policy.js';
export { loadPolicy, Policy } from './policy/policy.js';
export type { InitialPolicyOptions, PolicyLayout } from './policy/policy-layout.js';
export { initialPolicyParameters, policyLayout } from './policy/policy-layout.js';
export type { PolicySettings, PolicySettingsInput } from './policy/settings.js';
export { policySpecFor } from './policy/settings.js';
export type { PolicyName, StoredPolicy } from './policy/storage.js';
export { readPolicy, savePolicy } from './policy/storage.js';
export type * from './policy/types.js';

// Environments

export type { EnvBackend, Running } from './env/backend.js';
export { copyRow, loadRows, saveRows } from './env/backend.js';
export { defineAtariEnv } from './env/define-atari-env.js';
export type { EnvSource, EnvTables } from './env/define-env.js';
export { defineEnv } from './env/define-env.js';
export type {
  MujocoEnvFactory,
  MujocoEnvSource,
  MujocoFunctions,
  MujocoStart,
  MujocoTables,
  PortableFunctions,
  Rows,
  SlotFunction,
} from './env/define-mujoco-env.js';
export { defineMujocoEnv } from './env/define-mujoco-env.js';
export type { SimulatorEnvSource, SlotSimulator, StepOutcome } from './env/define-simulator-env.js';
export { defineSimulatorEnv } from './env/define-simulator-env.js';
export type { Bar, Hull, Shape, Surface } from './env/drawing.js';
export type { EnvDefinition, EnvFamily, EnvSettings } from './env/registry.js';
export { getEnv, isEnv, listEnvs, registerEnv, registerEnvFamily, resolveSettings } from './env/registry.js';
export { identityHash } from './env/snapshot.js';
export { deserializeSnapshot, serializeSnapshot } from './env/snapshot-bytes.js';
export type { PartType, SnapshotPart } from './env/snapshot-parts.js';
export { box, discrete, makeActions, spaceSize } from './env/spaces.js';
export type * from './env/types.js';
export { makeVectorEnv } from './env/vector-env.js';
export type { Autoreset, AutoresetOptions, AutoresetStep } from './env/wrappers/autoreset.js';
export { autoreset } from './env/wrappers/autoreset.js';
export { clipActions } from './env/wrappers/clip-actions.js';
export type { RewardBounds } from './env/wrappers/clip-rewards.js';
export { clipRewards } from './env/wrappers/clip-rewards.js';
export type { FrameStackOptions } from './env/wrappers/frame-stack.js';
export { frameStack } from './env/wrappers/frame-stack.js';
export type { NormalizeObservationsOptions } from './env/wrappers/normalize-observations.js';
export { normalizeObservations } from './env/wrappers/normalize-observations.js';
export type { NormalizedEnvFactory } from './env/wrappers/normalize-options.js';
export type { NormalizeRewardsOptions } from './env/wrappers/normalize-rewards.js';
export { normalizeRewards } from './env/wrappers/normalize-rewards.js';
export type { StatisticsState } from './env/wrappers/running-statistics.js';
export { RunningStatistics } from './env/wrappers/running-statistics.js';
export { loadStatistics, saveStatistics } from './env/wrappers/saved-statistics.js';
export { timeLimit } from './env/wrappers/time-limit.js';
export { freezeStatistics } from './env/wrappers/wrap-factory.js';

// Batches of simulators

export type { AtariBatchOptions, AtariOutput, AtariStepOptions } from './native/atari-batch.js';
export { AtariBatch } from './native/atari-batch.js';
export type { AtariGame } from './native/atari-games.js';
export { atariGames, findAtariGame, HOMEBREW, isAtariGame } from './native/atari-games.js';
export { AtariStates } from './native/atari-states.js';
export type { BatchSimulator, SlotOptions } from './native/batch-simulator.js';
export { Fault } from './native/batch-simulator.js';
export { takeMujocoWarnings } from './native/mujoco-addon.js';
export type { CallOptions, MujocoBatchOptions, Stage, StateView } from './native/mujoco-batch.js';
export { MujocoBatch, warningKinds } from './native/mujoco-batch.js';
export type { ColumnSource, FieldArray, FieldShape, FloatOutput } from './native/mujoco-fields.js';
export type {
  MujocoActuator,
  MujocoBody,
  MujocoGeom,
  MujocoJoint,
  MujocoSensor,
  ObjectKind,
  XmlOptions,
} from './native/mujoco-model.js';
export { MujocoModel } from './native/mujoco-model.js';
export type { RomImport } from './native/rom-import.js';
export { importRoms } from './native/rom-import.js';
export type { Rom, RomState } from './native/rom-library.js';
export { listRoms, readRom, romFolder } from './native/rom-library.js';

// Policies elsewhere

export { exportOnnx, policyToOnnx } from './export/onnx.js';
export type { PageOptions } from './export/page.js';
export { exportPage } from './export/page.js';

// Reports (trellis-rl/report has their parts)

export { writeCurve } from './report/curve.js';
export type { ReportFiles } from './report/page.js';
export { writeReport } from './report/page.js';
export type { RecordOptions } from './report/record-episode.js';
export { randomActor, recordShapes } from './report/record-episode.js';
export type { PixelRecording, Recording, ShapeRecording } from './report/recording.js';
export type { ReplayOptions } from './report/replay.js';
export { writeReplay } from './report/replay.js';
export type { Run } from './report/run.js';
export { readRun } from './report/run.js';

// Foundations

export { commandText } from './base/command-text.js';
export * from './base/errors.js';
export { writeAllAtomic, writeAtomic } from './base/files.js';
export { inverseNormal } from './base/normal.js';
export type { Key } from './base/random.js';
export { foldKey, Purpose, streamKey, streamKeys, uniform } from './base/random.js';
export { throwIfAborted } from './base/scheduling.js';
export { openSealed, sealJson } from './base/sealed.js';
export type { Platform } from './native/platform.js';
export { packageRoot, platform } from './native/platform.js';
