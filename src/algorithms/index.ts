import { NotFoundError } from '../base/errors.js';
import { cem } from './cem.js';
import { cmaEs } from './cma-es.js';
import { checkContext } from './context.js';
import { empiricalFim } from './empirical-fim.js';
import { maxKl } from './max-kl.js';
import { naturalGradient } from './natural-gradient.js';
import { policyGradient } from './policy-gradient.js';
import { reps } from './reps.js';
import { rwr } from './rwr.js';
import { singlePathTrpo } from './trpo.js';
import type { AlgorithmDefinition } from './types.js';
import { vineTrpo } from './vine.js';

/** Any method, its options' type forgotten: what it parses is what it creates from. */
// biome-ignore lint/suspicious/noExplicitAny: the options' type is private to each definition
export type AnyAlgorithm = AlgorithmDefinition<any>;

/** The methods by name, in the order in which they are listed; what they are created from is checked here once. */
const definitions: readonly AnyAlgorithm[] = [
  singlePathTrpo,
  vineTrpo,
  naturalGradient,
  policyGradient,
  empiricalFim,
  maxKl,
  rwr,
  reps,
  cem,
  cmaEs,
].map((definition: AnyAlgorithm) => ({
  ...definition,
  create: (context, options) => definition.create(checkContext(context), definition.parseOptions(options)),
}));

export function listAlgorithms(): readonly AnyAlgorithm[] {
  return definitions;
}

/** @throws NotFoundError naming the nearest methods */
export function getAlgorithm(name: string): AnyAlgorithm {
  const found = definitions.find((definition) => definition.name === name);
  if (found === undefined) {
    throw new NotFoundError(
      'method',
      name,
      definitions.map((definition) => definition.name),
    );
  }
  return found;
}
