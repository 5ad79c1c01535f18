import { ArgumentError } from '../base/errors.js';
import type { Groups } from '../cluster/groups.js';
import type { EnvFactory } from '../env/types.js';
import { mergeStatistics } from '../env/wrappers/merge-statistics.js';
import { loadStatistics, saveStatistics } from '../env/wrappers/saved-statistics.js';
import type { SampleRequest } from './path-group.js';
import type { BranchBatch, Episodes, PathBatch, SampleCounts } from './types.js';

/** What every process knows of a batch of paths. */
export type PathSummary = Pick<PathBatch, 'states' | 'episodes' | keyof SampleCounts>;
/** What every process knows of a batch of branches. */
export type BranchSummary = Omit<
  BranchBatch,
  'observations' | 'actions' | 'stateOfAction' | 'logQ' | 'distParams' | 'timeIndex' | 'kind'
>;

/** A batch in groups, of which each process has the rows of its own. */
export interface GroupedBatch<Batch extends PathBatch | BranchBatch> {
  readonly groups: Groups;
  /** The groups of this process, in their order; their arrays are valid until the next batch. */
  readonly own: readonly Batch[];
  /** Of all groups together, in their order; the same in every process */
  readonly whole: Batch extends PathBatch ? PathSummary : BranchSummary;
  /** Where the states of each of `own` begin among the whole's */
  readonly firstStates: readonly number[];
}

/** @param totals by the option that says them. @throws ArgumentError if a group would get nothing */
export function checkShares(groups: number, totals: Readonly<Record<string, number>>): void {
  for (const [option, total] of Object.entries(totals)) {
    if (total >= groups) continue;
    throw new ArgumentError(`${option} = ${total} in ${groups} groups`, {
      value: total,
      expected: `at least 1 a group: ${option} >= sampling.groups`,
    });
  }
}

/**
 * Samples the groups of this process one after the other. Each starts from the same running statistics of the environment;
 * at the end they are what all groups, whoever has them, have added to that.
 * @param sample the i-th of them
 */
export async function sampleGroups<Batch>(
  factory: EnvFactory,
  groups: Groups,
  request: SampleRequest,
  sample: (i: number, request: SampleRequest) => Promise<Batch>,
): Promise<Batch[]> {
  if (groups.single) return [await sample(0, request)];
  const before = saveStatistics(factory);
  const own = groups.own;
  const batches: Batch[] = [];
  const after: (typeof before)[] = [];
  for (let i = 0; i < own.length; i++) {
    loadStatistics(factory, before);
    const onProgress = (fraction: number) => request.onProgress?.((i + fraction) / own.length);
    batches.push(await sample(i, { ...request, onProgress }));
    after.push(saveStatistics(factory));
  }
  if (Object.keys(before).length === 0) return batches;
  loadStatistics(factory, mergeStatistics(before, await groups.gatherAll(after)));
  return batches;
}

export function pathSummary(batch: PathBatch): PathSummary {
  const { states, episodes, simulatorSteps, trunkSteps, branchSteps, diverged } = batch;
  return { states, episodes, simulatorSteps, trunkSteps, branchSteps, diverged };
}

export function branchSummary(batch: BranchBatch): BranchSummary {
  const { states, actionsPerState, q, episodes, simulatorSteps, trunkSteps, branchSteps, diverged } = batch;
  return { states, actionsPerState, q, episodes, simulatorSteps, trunkSteps, branchSteps, diverged };
}

/** @param parts of all groups */
export function summaryOfPaths(parts: readonly PathSummary[], groups: Groups) {
  return { whole: counts(parts), firstStates: firstStates(parts, groups) };
}

/** @param parts of all groups */
export function summaryOfBranches(parts: readonly BranchSummary[], groups: Groups) {
  const { actionsPerState } = parts[0];
  const whole: BranchSummary = { ...counts(parts), actionsPerState, q: joined(parts.map(({ q }) => q)) };
  return { whole, firstStates: firstStates(parts, groups) };
}

/** One batch of those of all groups. */
export function joinPaths(parts: readonly PathBatch[]): PathBatch {
  const column = <Name extends keyof PathBatch>(name: Name) =>
    joined(parts.map((part) => part[name] as Joinable)) as PathBatch[Name];
  return {
    kind: 'paths',
    ...counts(parts),
    observations: column('observations'),
    actions: column('actions'),
    rewards: column('rewards'),
    logQ: column('logQ'),
    distParams: column('distParams'),
    timeIndex: column('timeIndex'),
    finalObservations: column('finalObservations'),
  };
}

/** One batch of those of all groups: a state's actions keep to it. */
export function joinBranches(parts: readonly BranchBatch[]): BranchBatch {
  const column = <Name extends keyof BranchBatch>(name: Name) =>
    joined(parts.map((part) => part[name] as Joinable)) as BranchBatch[Name];
  const { actionsPerState } = parts[0];
  const stateOfAction = column('stateOfAction');
  for (let i = 0; i < stateOfAction.length; i++) stateOfAction[i] = Math.floor(i / actionsPerState);
  return {
    kind: 'branches',
    ...counts(parts),
    actionsPerState,
    observations: column('observations'),
    distParams: column('distParams'),
    timeIndex: column('timeIndex'),
    actions: column('actions'),
    stateOfAction,
    logQ: column('logQ'),
    q: column('q'),
  };
}

function counts(parts: readonly PathSummary[]): PathSummary {
  const sum = (name: 'states' | 'simulatorSteps' | 'trunkSteps' | 'branchSteps' | 'diverged') =>
    parts.reduce((total, part) => total + part[name], 0);
  return {
    states: sum('states'),
    simulatorSteps: sum('simulatorSteps'),
    trunkSteps: sum('trunkSteps'),
    branchSteps: sum('branchSteps'),
    diverged: sum('diverged'),
    episodes: joinEpisodes(parts.map(({ episodes }) => episodes)),
  };
}

export function joinEpisodes(parts: readonly Episodes[]): Episodes {
  const lengths = joined(parts.map((part) => part.lengths));
  const offsets = new Int32Array(lengths.length + 1);
  for (let i = 0; i < lengths.length; i++) offsets[i + 1] = offsets[i] + lengths[i];
  return {
    count: lengths.length,
    returns: joined(parts.map((part) => part.returns)),
    lengths,
    terminated: joined(parts.map((part) => part.terminated)),
    offsets,
  };
}

function firstStates(parts: readonly { readonly states: number }[], groups: Groups): number[] {
  const first = [0];
  for (const { states } of parts) first.push(first[first.length - 1] + states);
  return groups.own.map((group) => first[group]);
}

type Joinable = Float32Array | Float64Array | Int32Array | Uint8Array;

function joined<T extends Joinable>(arrays: readonly T[]): T {
  const length = arrays.reduce((sum, array) => sum + array.length, 0);
  const all = new (arrays[0].constructor as new (length: number) => T)(length);
  arrays.reduce((at, array) => {
    (all as Float32Array).set(array as Float32Array, at);
    return at + array.length;
  }, 0);
  return all;
}
