import { ArgumentError } from '../base/errors.js';
import type { NetworkSpec } from './types.js';

/**
 * The same network with another last layer: dense and linear, of so many units, and no state-independent outputs after
 * it. Makes the network of a value function out of that of a policy.
 * @throws ArgumentError for a network whose output is not its last layer alone
 */
export function withHead(network: NetworkSpec, units: number): NetworkSpec {
  const { inputShape, inputType, inputScaling, layers, outputs } = network;
  const last = layers.at(-1);
  if (last === undefined || last.kind === 'add' || (outputs ?? [last.name]).join() !== [last.name].join()) {
    throw new ArgumentError('a network whose head is to be replaced has several', {
      value: outputs,
      expected: 'its last layer as its only output, which takes one input',
    });
  }
  const { input, name } = last;
  const named = { ...(name === undefined ? {} : { name }), ...(input === undefined ? {} : { input }) };
  const head = { kind: 'dense', units, activation: 'linear', ...named } as const;
  const kept = outputs === undefined ? {} : { outputs };
  return { inputShape, inputType, inputScaling, layers: [...layers.slice(0, -1), head], ...kept };
}
