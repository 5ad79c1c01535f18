import { foldKey, type Key, Purpose, streamKey } from '../../src/index.js';
import type { Instance } from './claim.js';
import { evaluatePolicy } from './evaluation.js';
import {
  counterexampleMdp,
  counterexamplePolicy,
  type Draws,
  drawsOf,
  garnetMdp,
  gridMdp,
  randomPolicy,
} from './instances.js';
import type { TabularMdp, TabularPolicy } from './mdp.js';
import { greedyPolicy, mixture, softmaxPolicy, uniformPolicy } from './policy.js';

const DISCOUNTS = [0.05, 0.3, 0.7, 0.9, 0.99];

/**
 * The problems the claims are checked on: random Garnets of 2 … 8 states, 2 … 4 actions and five discounts, grids with
 * random slip, and the six-state counterexample at four discounts and ten shifts.
 * @param garnets number of Garnets; a tenth as many grids
 */
export function claimInstances(garnets: number, seed = 0): Instance[] {
  const out: Instance[] = [];
  for (let i = 0; i < garnets; i++) {
    const key = streamKey(seed, Purpose.scratch, 1, i);
    const draws = drawsOf(key);
    const states = draws.integer(2, 8);
    const shape = { states, actions: draws.integer(2, 4), branching: draws.integer(1, states) };
    const discount = DISCOUNTS[i % DISCOUNTS.length];
    out.push(randomPair(`Garnet ${i}`, garnetMdp(draws, { ...shape, discount }), draws, key, i));
  }
  for (let i = 0; i < Math.ceil(garnets / 10); i++) {
    const key = streamKey(seed, Purpose.scratch, 2, i);
    const draws = drawsOf(key);
    const grid = gridMdp({ slip: draws.uniform(), discount: DISCOUNTS[i % DISCOUNTS.length] });
    out.push(randomPair(`grid ${i}`, grid, draws, key, i));
  }
  return [...out, ...counterexampleInstances(seed)];
}

/** The counterexample at several discounts and shifts. */
export function counterexampleInstances(seed = 0): Instance[] {
  const key = streamKey(seed, Purpose.scratch, 3);
  return [0.001, 0.05, 0.2, 0.5].flatMap((discount, d) => {
    const mdp = counterexampleMdp(discount);
    const old = evaluatePolicy(mdp, uniformPolicy(mdp));
    return [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.45, 0.5].map((shift, i) => {
      const other = counterexamplePolicy(shift);
      const direction = greedyPolicy(old.advantage, mdp.actions);
      const name = `counterexample, gamma ${discount}, shift ${shift}`;
      return { name, old, other, direction, alpha: 2 * shift, key: foldKey(key, d, i) };
    });
  });
}

/** A pair of policies of one of four kinds: unrelated, close, towards greedy, or from an almost deterministic one. */
function randomPair(name: string, mdp: TabularMdp, draws: Draws, key: Key, number: number): Instance {
  const kind = Math.floor(number / DISCOUNTS.length) % 4;
  const sharp = softmaxPolicy(
    Float64Array.from({ length: mdp.states * mdp.actions }, () => 8 * draws.normal()),
    mdp.actions,
  );
  const old = evaluatePolicy(mdp, kind === 3 ? sharp : randomPolicy(draws, mdp));
  const greedy = greedyPolicy(old.advantage, mdp.actions);
  const random = randomPolicy(draws, mdp);
  const alpha = 10 ** (-3 * draws.uniform());
  let other: TabularPolicy = random;
  if (kind === 1) other = mixture(old.policy, random, alpha);
  if (kind === 2) other = mixture(old.policy, greedy, alpha);
  return { name, old, other, direction: number % 2 === 0 ? greedy : random, alpha, key };
}
