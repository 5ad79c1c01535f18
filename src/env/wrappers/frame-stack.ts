import { z } from 'zod';
import { SnapshotError } from '../../base/errors.js';
import { checkMemory } from '../../base/memory.js';
import { parseOptions } from '../../base/options.js';
import { checkInteger } from '../../native/slots.js';
import type { RowArray } from '../backend.js';
import { checkFactory } from '../check-factory.js';
import { box, firstNotFinite, spaceSize } from '../spaces.js';
import type { BoxSpace, EnvFactory, EnvSpec, ObservationArray, ObservationScaling, VectorEnv } from '../types.js';
import { wrapFactory } from './wrap-factory.js';
import { WrappedEnv } from './wrapped-env.js';

const stackSchema = z.strictObject({
  /** What stands before an episode's first observation: that observation (`reset`), or zeros. */
  padding: z.enum(['reset', 'zero']).default('reset'),
});
/** Settings of `frameStack`; what is left out takes its default. */
export type FrameStackOptions = z.input<typeof stackSchema>;

/**
 * The environment with its last k observations as one, the oldest first (Gymnasium's FrameStackObservation). Shapes: [n]
 * becomes [k n], [h, w] becomes [k, h, w], [channels, h, w] becomes [k channels, h, w], and pictures whose colours are
 * the last axis, [h, w, 3], become [k, h, w, 3].
 * @param k 1 … 64
 * @throws ArgumentError for another number, NotFoundError for unknown options
 */
export function frameStack(env: EnvFactory, k: number, options: FrameStackOptions = {}): EnvFactory {
  const { spec } = checkFactory(env);
  const count = checkInteger('observations in a stack', k, 1, 64);
  const { padding } = parseOptions(stackSchema, options, 'options of frameStack');
  const zeros = padding === 'zero';
  return wrapFactory(env, {
    changes: {
      observationSpace: stackedSpace(spec.observationSpace, count, zeros),
      observationScaling: stackedScaling(spec.observationScaling, count),
    },
    identity: ['frameStack', count, padding],
    wrap: (inner, outer) => new FrameStackEnv(inner, outer, count, zeros),
    frozen: (inner) => frameStack(inner, count, options),
  });
}

function stackedSpace(space: BoxSpace, count: number, zeros: boolean): BoxSpace {
  const { shape, dtype } = space;
  const apart = shape.length === 2 || (shape.length === 3 && shape[2] === 3 && shape[0] !== 3);
  const [first = 1, ...rest] = shape;
  const low = repeat(space.low, count).map((bound) => (zeros ? Math.min(bound, 0) : bound));
  const high = repeat(space.high, count).map((bound) => (zeros ? Math.max(bound, 0) : bound));
  return box(apart ? [count, ...shape] : [count * first, ...rest], low, high, dtype);
}

function stackedScaling(scaling: ObservationScaling | null, count: number): ObservationScaling | null {
  if (scaling === null) return null;
  const each = (value: Float32Array | number) => (typeof value === 'number' ? value : repeat(value, count));
  return { ...scaling, offset: each(scaling.offset), scale: each(scaling.scale) };
}

function repeat(values: Float32Array, count: number): Float32Array {
  const all = new Float32Array(values.length * count);
  for (let i = 0; i < count; i++) all.set(values, i * values.length);
  return all;
}

class FrameStackEnv extends WrappedEnv {
  readonly observations: ObservationArray;
  readonly rewards: Float64Array;
  private readonly size: number;
  /** The inner observation of each slot: made once, so that a step makes no objects. */
  private readonly newest: ObservationArray[];

  constructor(
    inner: VectorEnv,
    spec: EnvSpec,
    private readonly count: number,
    private readonly zeros: boolean,
  ) {
    super(inner, spec, 'frameStack');
    this.size = spaceSize(inner.spec.observationSpace);
    const length = inner.slots * count * this.size;
    const bytes = inner.observations instanceof Uint8Array;
    checkMemory(`${count} observations of ${inner.slots} slots of "${spec.id}"`, length * (bytes ? 1 : 4));
    this.observations = bytes ? new Uint8Array(length) : new Float32Array(length);
    this.rewards = inner.rewards;
    this.newest = Array.from({ length: inner.slots }, (_, slot) =>
      inner.observations.subarray(slot * this.size, (slot + 1) * this.size),
    );
    this.keep({ observations: { array: this.observations, width: count * this.size } });
  }

  protected override started(slots: Int32Array): void {
    const { observations, newest, size, count } = this;
    for (const slot of slots) {
      const at = slot * count * size;
      for (let i = 0; i < count; i++) {
        if (this.zeros && i < count - 1) observations.fill(0, at + i * size, at + (i + 1) * size);
        else observations.set(newest[slot], at + i * size);
      }
    }
  }

  protected override moved(active: Uint8Array): void {
    const { observations, newest, size, count } = this;
    for (let slot = 0; slot < active.length; slot++) {
      if (active[slot] === 0) continue;
      const at = slot * count * size;
      observations.copyWithin(at, at + size, at + count * size);
      observations.set(newest[slot], at + (count - 1) * size);
    }
  }

  protected override shown(slots: Int32Array): void {
    const { observations, newest, size, count } = this;
    for (let i = 0; i < slots.length; i++) {
      observations.set(newest[slots[i]], ((slots[i] + 1) * count - 1) * size);
    }
  }

  protected override checkOwn(parts: Readonly<Record<string, RowArray>>): void {
    const part = parts[this.partName('observations')];
    const at = part instanceof Float32Array ? firstNotFinite(part, 0, part.length) : -1;
    if (at < 0) return;
    throw new SnapshotError(`a stacked observation of the snapshot has ${part[at]}`, { value: part[at] });
  }
}
