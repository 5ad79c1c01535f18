import { ArgumentError, NotFoundError } from '../base/errors.js';
import { cem } from './cem.js';
import { cmaEs } from './cma-es.js';
import { checkAlgorithm, type Method } from './define.js';
import { empiricalFim } from './empirical-fim.js';
import { maxKl } from './max-kl.js';
import { naturalGradient } from './natural-gradient.js';
import { policyGradient } from './policy-gradient.js';
import { ppo } from './ppo.js';
import { reps } from './reps.js';
import { rwr } from './rwr.js';
import { singlePathTrpo } from './trpo.js';
import { trpoGae } from './trpo-gae.js';
import type { AlgorithmDefinition, OptionsSchema } from './types.js';
import { vineTrpo } from './vine.js';

const methods = new Map<string, Method>();
let begun = false;

/** The methods that are known, those of this library from the first look on. */
function registry(): Map<string, Method> {
  if (!begun) {
    begun = true;
    registerAlgorithms();
  }
  return methods;
}

/** Makes the methods of this library known, in the order in which they are listed. */
function registerAlgorithms(): void {
  registerAlgorithm(singlePathTrpo);
  registerAlgorithm(vineTrpo);
  registerAlgorithm(naturalGradient);
  registerAlgorithm(policyGradient);
  registerAlgorithm(empiricalFim);
  registerAlgorithm(maxKl);
  registerAlgorithm(rwr);
  registerAlgorithm(reps);
  registerAlgorithm(cem);
  registerAlgorithm(cmaEs);
  registerAlgorithm(ppo);
  registerAlgorithm(trpoGae);
}

/**
 * Makes a method known under its name: configurations, `--method` and experiments then answer to it.
 * @throws ArgumentError if the name is taken, or naming what of the definition is wrong
 */
export function registerAlgorithm<Schema extends OptionsSchema>(definition: AlgorithmDefinition<Schema>): void {
  const method = checkAlgorithm(definition as AlgorithmDefinition);
  if (registry().has(method.name)) {
    throw new ArgumentError(`the method "${method.name}" is registered already`, {
      value: method.name,
      expected: 'a free name',
    });
  }
  methods.set(method.name, method);
}

/** All methods, in the order of registration. */
export function listAlgorithms(): readonly Method[] {
  return [...registry().values()];
}

/** @throws NotFoundError naming the nearest methods */
export function getAlgorithm(name: string): Method {
  const found = registry().get(name);
  if (found === undefined) throw new NotFoundError('method', name, registry().keys());
  return found;
}
