import type { AlgorithmState, StateArray } from './types.js';

/**
 * States of several parts of a method (an optimiser, a value function, a replay buffer) as one: "adam.mean", "value.theta".
 * @param parts by the name of each, without "."
 */
export function joinStates(parts: Readonly<Record<string, Readonly<Record<string, StateArray>>>>): AlgorithmState {
  const joined: AlgorithmState = {};
  for (const [part, state] of Object.entries(parts)) {
    for (const [name, array] of Object.entries(state)) joined[`${part}.${name}`] = array;
  }
  return joined;
}

/** The state of one part, as `joinStates` was given it; without arrays if there is no such part. */
export function partOfState(state: AlgorithmState, part: string): AlgorithmState {
  const own = Object.entries(state).filter(([name]) => name.startsWith(`${part}.`));
  return Object.fromEntries(own.map(([name, array]) => [name.slice(part.length + 1), array]));
}
