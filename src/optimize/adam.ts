import { z } from 'zod';
import { ArgumentError } from '../base/errors.js';
import { parseOptions } from '../base/options.js';
import { checkArray } from '../native/arrays.js';
import { adamStep, clipByNorm as clip } from '../native/network.js';
import type { AdamSteps } from '../network/types.js';

export const adamSchema = z.strictObject({
  /** Step size α. */
  learningRate: z.number().positive().default(3e-4),
  /** Decay of the mean of the gradients. */
  beta1: z.number().min(0).lt(1).default(0.9),
  /** Decay of the mean of their squares. */
  beta2: z.number().min(0).lt(1).default(0.999),
  /** Added to the root of the second moment. */
  epsilon: z.number().positive().default(1e-8),
  /** Decoupled weight decay (AdamW): θ shrinks by learningRate · weightDecay a step. */
  weightDecay: z.number().min(0).default(0),
});
/** Settings of `Adam`; what is left out takes its default. */
export type AdamOptions = z.input<typeof adamSchema>;

/**
 * Adam (Kingma and Ba, 2015, algorithm 1) on a flat parameter vector, minimising. In single precision, operation by
 * operation, so results depend on neither threads nor machine. Moments too small for a normal number become 0.
 */
export class Adam {
  /** May be changed between steps, as a schedule does. */
  learningRate: number;
  private readonly settings: z.output<typeof adamSchema>;
  private readonly mean: Float32Array;
  private readonly square: Float32Array;
  private steps = 0;

  /**
   * @param parameterCount length P of the vector
   * @throws ArgumentError for options out of range, NotFoundError for unknown ones
   */
  constructor(
    readonly parameterCount: number,
    options: AdamOptions = {},
  ) {
    if (!Number.isSafeInteger(parameterCount) || parameterCount < 0) {
      throw new ArgumentError('parameterCount', { value: parameterCount, expected: 'a number of parameters' });
    }
    this.settings = parseOptions(adamSchema, options, 'options of Adam');
    this.learningRate = this.settings.learningRate;
    this.mean = new Float32Array(parameterCount);
    this.square = new Float32Array(parameterCount);
  }

  /** Moves θ [P] in place, down the gradient [P] (of a loss). @throws ArgumentError if a length is not P */
  step(theta: Float32Array, gradient: Float32Array): void {
    const { mean, square } = this;
    const { beta1, beta2, epsilon } = this.settings;
    checkLength('theta', theta, this.parameterCount);
    checkLength('gradient', gradient, this.parameterCount);
    const { rates, corrections, keep } = this.take(1);
    const factors = { rate: rates[0], beta1, beta2, epsilon, correction: corrections[0], keep };
    adamStep(theta, mean, square, gradient, factors);
  }

  /** Counts the next steps as done, for an engine that does them: it moves the moments, which are not copies. */
  take(steps: number): AdamSteps {
    const { mean, square, learningRate } = this;
    const { beta1, beta2, epsilon, weightDecay } = this.settings;
    const [rates, corrections] = [new Float64Array(steps), new Float64Array(steps)];
    for (let i = 0; i < steps; i++) {
      this.steps += 1;
      rates[i] = learningRate / (1 - beta1 ** this.steps);
      corrections[i] = 1 / (1 - beta2 ** this.steps);
    }
    return { mean, square, rates, corrections, beta1, beta2, epsilon, keep: 1 - learningRate * weightDecay };
  }

  /** Copies of all that decides the next step, as named arrays: `mean` [P], `square` [P], `steps` [1]. */
  saveState(): { mean: Float32Array; square: Float32Array; steps: Int32Array } {
    return { mean: this.mean.slice(), square: this.square.slice(), steps: Int32Array.of(this.steps) };
  }

  /** Goes on from what `saveState` gave. @throws ArgumentError if it belongs to a vector of another length */
  loadState({ mean, square, steps }: Readonly<Record<string, ArrayBufferView>>): void {
    checkLength('mean', mean, this.parameterCount);
    checkLength('square', square, this.parameterCount);
    if (!(steps instanceof Int32Array) || steps.length !== 1) {
      throw new ArgumentError('Adam: steps', { value: steps, expected: 'an Int32Array of 1' });
    }
    this.mean.set(mean);
    this.square.set(square);
    this.steps = steps[0];
  }
}

/**
 * Scales a gradient in place so that its Euclidean norm is at most `maximum`. @returns the norm before; NaN and Infinity
 * come back as they are, with the gradient untouched
 * @throws ArgumentError unless it is a Float32Array
 */
export function clipByNorm(gradient: Float32Array, maximum: number): number {
  return clip(checkArray('gradient', gradient, 'Float32Array', 0, { shared: true }), maximum);
}

function checkLength(what: string, array: unknown, expected: number): asserts array is Float32Array {
  if (array instanceof Float32Array && array.length === expected) return;
  const { length } = (array ?? {}) as { length?: unknown };
  throw new ArgumentError(`Adam: ${what}`, { value: length, expected: `a Float32Array of ${expected}` });
}
