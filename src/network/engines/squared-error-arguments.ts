import { ArgumentError } from '../../base/errors.js';
import { isObject } from '../../base/kinds.js';
import { checkArray } from '../../native/arrays.js';
import type { NetworkLayout } from '../layout.js';
import type { SquaredErrorSteps } from '../types.js';
import { checkIndices } from './arguments.js';

const exact = { exact: true } as const;

/** Read once and checked. @param count observations of the set @throws ArgumentError */
export function checkSquaredErrorSteps(given: SquaredErrorSteps, count: number, layout: NetworkLayout) {
  if (layout.outputSize !== 1) {
    throw new ArgumentError(`squared error of ${layout.outputSize} outputs`, {
      value: layout.outputSize,
      expected: 'a network with one output',
    });
  }
  for (const [name, value] of [
    ['steps', given],
    ['steps.adam', given?.adam],
  ] as const) {
    if (!isObject(value)) throw new ArgumentError(name, { value, expected: 'an object' });
  }
  const { clip, maxGradientNorm } = given;
  const order = checkIndices(given.order, count);
  const ends = checkArray('ends', given.ends, 'Int32Array', 0);
  const steps = ends.length;
  ends.forEach((end, i) => {
    const before = i === 0 ? 0 : ends[i - 1];
    if (end > before && (i < steps - 1 || end === order.length)) return;
    const expected = i < steps - 1 ? `more than ${before}` : `the end of the order, ${order.length}`;
    throw new ArgumentError(`ends[${i}] = ${end}`, { value: end, expected });
  });
  const { adam } = given;
  const numbers = { clipRange: clip?.range, maxGradientNorm, ...pickNumbers(adam) };
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || (typeof value === 'number' && value >= 0)) continue;
    throw new ArgumentError(name, { value, expected: 'a number of 0 or more' });
  }
  const { parameterCount: P } = layout;
  return {
    order,
    ends,
    maxGradientNorm,
    targets: checkArray('targets', given.targets, 'Float64Array', count, exact),
    clip: clip && { old: checkArray('clip.old', clip.old, 'Float32Array', count, exact), range: clip.range },
    theta: checkArray('theta', given.theta, 'Float32Array', P, exact),
    adam: {
      ...pickNumbers(adam),
      mean: checkArray('adam.mean', adam.mean, 'Float32Array', P, exact),
      square: checkArray('adam.square', adam.square, 'Float32Array', P, exact),
      rates: checkArray('adam.rates', adam.rates, 'Float64Array', steps, exact),
      corrections: checkArray('adam.corrections', adam.corrections, 'Float64Array', steps, exact),
    },
  };
}

function pickNumbers({ beta1, beta2, epsilon, keep }: SquaredErrorSteps['adam']) {
  return { beta1, beta2, epsilon, keep };
}
