import { describeValue } from '../base/describe.js';
import { ArgumentError } from '../base/errors.js';
import type { AlgorithmState, StateArray } from './types.js';

/**
 * States of several parts of a method (an optimiser, a value function, a replay buffer, the parts of a snapshot) as one:
 * "adam.mean", "value.theta".
 * @param parts by the name of each, without "."
 * @throws ArgumentError for a name with ".", or something that is no typed array
 */
export function joinStates(parts: Readonly<Record<string, Readonly<Record<string, ArrayBufferView>>>>): AlgorithmState {
  const joined: AlgorithmState = {};
  for (const [part, state] of Object.entries(parts)) {
    if (part.includes('.')) throw new ArgumentError(`a part of a state "${part}"`, { value: part, expected: 'no "."' });
    for (const [name, array] of Object.entries(state)) {
      if (!ArrayBuffer.isView(array) || array instanceof DataView) {
        throw new ArgumentError(`"${name}" of the part "${part}" of a state is ${describeValue(array)}`, {
          value: array,
          expected: 'a typed array',
        });
      }
      joined[`${part}.${name}`] = array as StateArray;
    }
  }
  return joined;
}

/** The state of one part, as `joinStates` was given it; without arrays if there is no such part. */
export function partOfState(state: AlgorithmState, part: string): AlgorithmState {
  const own = Object.entries(state).filter(([name]) => name.startsWith(`${part}.`));
  return Object.fromEntries(own.map(([name, array]) => [name.slice(part.length + 1), array]));
}
