import { ArgumentError, foldKey, type Key, uniform } from '../../src/index.js';
import { defineMdp, type TabularMdp, type TabularPolicy } from './mdp.js';

/** Numbers drawn one after another from a key's stream; the same key gives the same numbers. */
export interface Draws {
  /** Uniform in (0, 1). */
  uniform(): number;
  /** Uniform integer in low … high, both included. */
  integer(low: number, high: number): number;
  /** A standard normal number (Box-Muller). */
  normal(): number;
  /** A point of the simplex: Dirichlet with every parameter 1 (flat). */
  simplex(size: number): Float64Array;
}

/** A stream of draws of its own; `item` tells streams under one key apart. */
export function drawsOf(key: Key, item = 0): Draws {
  const [k0, k1] = foldKey(key, item);
  let time = 0;
  const draw = () => uniform(k0, k1, time++, 0);
  return {
    uniform: draw,
    integer: (low, high) => low + Math.floor(draw() * (high - low + 1)),
    normal: () => Math.sqrt(-2 * Math.log(draw())) * Math.cos(2 * Math.PI * draw()),
    simplex(size) {
      const gaps = Float64Array.from({ length: size }, () => -Math.log(draw()));
      const sum = gaps.reduce((total, gap) => total + gap, 0);
      return gaps.map((gap) => gap / sum);
    },
  };
}

/**
 * A Garnet problem (Archibald, McKinnon and Thomas 1995): every state and action leads to `branching` distinct states
 * with random probabilities. Costs are standard normal, the start distribution is flat Dirichlet.
 */
export function garnetMdp(
  draws: Draws,
  { states, actions, branching, discount }: { states: number; actions: number; branching: number; discount: number },
): TabularMdp {
  if (!(branching >= 1 && branching <= states)) {
    throw new ArgumentError(`branching is ${branching}`, { value: branching, expected: `1 … ${states}` });
  }
  const transitions = new Float64Array(states * actions * states);
  for (let row = 0; row < states * actions; row++) {
    const targets = Array.from({ length: states }, (_, s) => s);
    const weights = draws.simplex(branching);
    weights.forEach((weight, i) => {
      const pick = draws.integer(i, states - 1);
      [targets[i], targets[pick]] = [targets[pick], targets[i]];
      transitions[row * states + targets[i]] = weight;
    });
  }
  const cost = Float64Array.from({ length: states }, () => draws.normal());
  return defineMdp({ states, actions, transitions, cost, start: draws.simplex(states), discount });
}

/**
 * A width × height grid: actions left, right, up, down move by one cell, with probability `slip` in a random direction;
 * walls stop. Every cell costs 1 but the last (bottom right), which costs 0 and is absorbing; the start is top left.
 */
export function gridMdp({ width = 4, height = 3, slip = 0.2, discount = 0.9 } = {}): TabularMdp {
  const states = width * height;
  const goal = states - 1;
  const moves = [
    [-1, 0],
    [1, 0],
    [0, -1],
    [0, 1],
  ] as const;
  const transitions = new Float64Array(states * 4 * states);
  for (let s = 0; s < states; s++) {
    const ends = moves.map(([dx, dy]) => {
      const x = Math.min(width - 1, Math.max(0, (s % width) + dx));
      const y = Math.min(height - 1, Math.max(0, Math.floor(s / width) + dy));
      return s === goal ? goal : y * width + x;
    });
    for (let a = 0; a < 4; a++) {
      const row = (s * 4 + a) * states;
      ends.forEach((end, b) => {
        transitions[row + end] += slip / 4 + (a === b ? 1 - slip : 0);
      });
    }
  }
  const cost = new Float64Array(states).fill(1);
  cost[goal] = 0;
  const start = new Float64Array(states);
  start[0] = 1;
  return defineMdp({ states, actions: 4, transitions, cost, start, discount });
}

/**
 * Six states that refute Theorem 1 as printed (factor 2): 0 chooses 1 or 2; both choose good (3, cost -1) or bad (4,
 * cost 1), after which nothing happens (5). Take pi uniform and let pi~ move probability x in 0 towards 1, in 1 towards
 * bad and in 2 towards good: then eta - L = 4 gamma^2 x^2, alpha = x, epsilon = gamma, and the coefficient needed is
 * 4 (1 - gamma)^2, which exceeds 2 for gamma < 0.29 and reaches 4 as gamma vanishes.
 */
export function counterexampleMdp(discount = 0.05): TabularMdp {
  const successors = [
    [1, 2],
    [3, 4],
    [3, 4],
    [5, 5],
    [5, 5],
    [5, 5],
  ];
  const transitions = new Float64Array(6 * 2 * 6);
  successors.forEach((ends, s) => {
    ends.forEach((end, a) => {
      transitions[(s * 2 + a) * 6 + end] = 1;
    });
  });
  const cost = Float64Array.of(0, 0, 0, -1, 1, 0);
  return defineMdp({ states: 6, actions: 2, transitions, cost, start: Float64Array.of(1, 0, 0, 0, 0, 0), discount });
}

/** pi~ of the counterexample: the uniform policy with probability `shift` (0 … 0.5) moved as said there. */
export function counterexamplePolicy(shift: number): TabularPolicy {
  const [more, less] = [0.5 + shift, 0.5 - shift];
  return Float64Array.of(more, less, less, more, more, less, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
}

/** A policy with a flat Dirichlet row in every state: full support with probability 1. */
export function randomPolicy(draws: Draws, { states, actions }: Pick<TabularMdp, 'states' | 'actions'>): TabularPolicy {
  const out = new Float64Array(states * actions);
  for (let s = 0; s < states; s++) out.set(draws.simplex(actions), s * actions);
  return out;
}
