import { type Pacer, pacerOf } from '../base/scheduling.js';
import type { LoadedObservations, NetworkEngine } from '../network/types.js';
import { type Adam, clipByNorm } from '../optimize/adam.js';
import { negativeValueError } from '../optimize/value-error.js';
import { minibatches } from '../rollout/minibatches.js';

/** A fit by minibatches. */
export interface MinibatchFit {
  readonly engine: NetworkEngine;
  readonly adam: Adam;
  /** [P], moved in place; what the engine has at the start, and at the end */
  readonly theta: Float32Array;
  readonly data: LoadedObservations;
  /** [n] */
  readonly targets: Float64Array;
  readonly clip?: { readonly old: Float32Array; readonly range: number } | undefined;
  readonly epochs: number;
  readonly minibatchSize: number;
  readonly maxGradientNorm?: number | undefined;
  /** Of the order of samples in an epoch */
  key(epoch: number): readonly [number, number];
  readonly signal?: AbortSignal | undefined;
}

/** Moves θ, minibatch by minibatch. An error leaves it somewhere on the way. @throws AbortedError */
export async function fitByMinibatches(fit: MinibatchFit): Promise<void> {
  const pacer = pacerOf(fit.signal);
  if (fit.engine.squaredErrorSteps !== undefined) return stepByEngine(fit, pacer);
  for (const rows of parts(fit)) await stepHere(fit, rows, pacer);
}

/** The minibatches of all epochs, one after the other. */
function* parts({ data, minibatchSize, epochs, key }: MinibatchFit): Generator<Int32Array> {
  for (let epoch = 0; epoch < epochs; epoch++) yield* minibatches(data.count, minibatchSize, key(epoch));
}

/** Milliseconds that a call of the engine should take: the user may want to stop in between. */
const CALL_MS = 60;
let minibatchesACall = 256;

/** By calls of many minibatches each, off the main thread. */
async function stepByEngine(fit: MinibatchFit, pacer: Pacer): Promise<void> {
  const { engine, adam, minibatchSize, epochs, data } = fit;
  const minibatchesInAll = epochs * Math.ceil(data.count / minibatchSize);
  const order = new Int32Array(Math.min(minibatchSize, data.count) * Math.min(4096, minibatchesInAll));
  const queue = parts(fit);
  for (let done = false; !done; ) {
    const ends: number[] = [];
    let filled = 0;
    while (ends.length < minibatchesACall) {
      const next = queue.next();
      done = next.done === true;
      if (next.done) break;
      order.set(next.value, filled);
      filled += next.value.length;
      ends.push(filled);
    }
    if (ends.length === 0) break;
    const began = performance.now();
    await engine.squaredErrorSteps!(data, {
      ...fit,
      order: order.subarray(0, filled),
      ends: Int32Array.from(ends),
      adam: adam.take(ends.length),
    });
    // How many go into a call changes nothing but how long it takes.
    const factor = CALL_MS / Math.max(1, performance.now() - began);
    if (!done || factor < 1) {
      minibatchesACall = Math.max(1, Math.min(4096, Math.round(minibatchesACall * Math.min(2, factor))));
    }
    if (pacer.due()) await pacer.pause();
  }
}

/** A step of the same made here: for engines that have no such call, and what theirs is tested against. */
export async function stepHere(fit: MinibatchFit, rows: Int32Array, pacer: Pacer): Promise<void> {
  const { engine, adam, theta, data, targets, clip, maxGradientNorm } = fit;
  const pick = (values: ArrayLike<number>) => Float64Array.from(rows, (i) => values[i]);
  const part = data.gather(rows);
  try {
    const range = clip && { old: pick(clip.old), range: clip.range };
    const ascent = await negativeValueError(pick(targets), range).cotangents(await engine.evaluate(part));
    // Adam goes down.
    const descent = ascent.map((cotangent) => -cotangent);
    const gradient = await engine.vjp(part, descent);
    if (maxGradientNorm !== undefined) clipByNorm(gradient, maxGradientNorm);
    adam.step(theta, gradient);
  } finally {
    part.release();
  }
  await engine.setTheta(theta);
  if (pacer.due()) await pacer.pause();
}
