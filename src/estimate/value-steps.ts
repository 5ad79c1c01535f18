import { type Pacer, pacerOf } from '../base/scheduling.js';
import type { LoadedObservations, NetworkEngine } from '../network/types.js';
import { type Adam, clipByNorm } from '../optimize/adam.js';
import { negativeValueError } from '../optimize/value-error.js';
import { shuffledIndices } from '../rollout/minibatches.js';

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
  const steps = fit.engine.squaredErrorSteps === undefined ? stepHere : stepByEngine;
  for (let epoch = 0; epoch < fit.epochs; epoch++) {
    await steps(fit, shuffledIndices(fit.data.count, fit.key(epoch)), pacer);
  }
}

/** Milliseconds that a call of the engine should take: the user may want to stop in between. */
const CALL_MS = 60;
let minibatchesACall = 16;

/** By calls of many minibatches each, off the main thread. */
async function stepByEngine(fit: MinibatchFit, order: Int32Array, pacer: Pacer): Promise<void> {
  const { engine, adam, minibatchSize } = fit;
  for (let from = 0; from < order.length; ) {
    const part = order.subarray(from, from + minibatchesACall * minibatchSize);
    const began = performance.now();
    const steps = { ...fit, order: part, adam: adam.take(Math.ceil(part.length / minibatchSize)) };
    await engine.squaredErrorSteps!(fit.data, steps);
    from += part.length;
    // How many go into a call changes nothing but how long it takes.
    const factor = CALL_MS / Math.max(1, performance.now() - began);
    if (from < order.length || factor < 1) {
      minibatchesACall = Math.max(1, Math.min(4096, Math.round(minibatchesACall * Math.min(2, factor))));
    }
    if (pacer.due()) await pacer.pause();
  }
}

/** The same, step by step: for engines that have no such call, and what theirs is tested against. */
export async function stepHere(fit: MinibatchFit, order: Int32Array, pacer: Pacer): Promise<void> {
  const { engine, adam, theta, data, targets, clip, minibatchSize, maxGradientNorm } = fit;
  const out = new Float32Array(theta.length);
  for (let from = 0; from < order.length; from += minibatchSize) {
    const indices = order.subarray(from, from + minibatchSize);
    const pick = (values: ArrayLike<number>) => Float64Array.from(indices, (i) => values[i]);
    const part = data.gather(indices);
    try {
      const range = clip && { old: pick(clip.old), range: clip.range };
      const ascent = await negativeValueError(pick(targets), range).cotangents(await engine.evaluate(part));
      // Adam goes down.
      const descent = ascent.map((cotangent) => -cotangent);
      const gradient = await engine.vjp(part, descent, out);
      if (maxGradientNorm !== undefined) clipByNorm(gradient, maxGradientNorm);
      adam.step(theta, gradient);
    } finally {
      part.release();
    }
    await engine.setTheta(theta);
    if (pacer.due()) await pacer.pause();
  }
}
