/**
 * Tree search on an Atari game by snapshots (UCT: Kocsis and Szepesvári, 2006): no learning, no picture, only the
 * simulator. A leaf of the tree is restored into as many slots as there are actions; each slot takes one of them, plays on
 * at random for a while, and its return goes up the tree.
 *
 *   trellis roms import <the ale_py wheel>      once: the cartridges are yours
 *   node examples/uct.ts [--game space_invaders] [--decisions 80] [--expansions 25] [--rollout 15] [--seed 1]
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  type EnvFactory,
  getEnv,
  Purpose,
  type Snapshot,
  streamKey,
  streamKeys,
  uniform,
  type VectorEnv,
} from 'trellis-rl';
import { registerEnvs } from 'trellis-rl/envs';

export interface SearchOptions {
  /** Actions taken in the real game at most. */
  readonly decisions: number;
  /** Leaves opened before each. */
  readonly expansions: number;
  /** Steps of random play from each child of a leaf. */
  readonly rollout: number;
  readonly seed: number;
}

const DISCOUNT = 0.99;
/** How much a rarely tried child is worth trying, in units of the largest return seen so far. */
const EXPLORATION = 0.5;

/** A state of the game: row `row` of `states`. */
class Node {
  children: Node[] = [];
  visits = 0;
  /** Sum of the discounted returns seen from here on, `reward` included. */
  total = 0;

  constructor(
    public parent: Node | null,
    readonly states: Snapshot,
    readonly row: number,
    readonly reward: number,
    readonly over: boolean,
  ) {}
}

/** Plays one game, every action the outcome of a search. @returns the score, and the steps that the searches took */
export function search(factory: EnvFactory, { decisions, expansions, rollout, seed }: SearchOptions) {
  const real = factory.make(1);
  const imagined = factory.make(actionsOf(factory));
  const [k0, k1] = streamKey(seed, Purpose.scratch);
  let draws = 0;
  const random = () => uniform(k0, k1, draws++, 0);
  let score = 0;
  try {
    real.reset([0], streamKeys(seed, Purpose.evaluationReset, 0, 0, 1));
    let root = new Node(null, real.snapshot([0]), 0, 0, false);
    for (let taken = 0; taken < decisions && !root.over; taken++) {
      for (let i = 0; i < expansions; i++) expand(choose(root), imagined, rollout, random);
      const best = root.children.reduce((a, b) => (b.visits > a.visits ? b : a));
      real.step(Int32Array.of(root.children.indexOf(best)));
      score += real.rewards[0] ?? 0;
      root = best; // the part of the tree below the action taken is kept
      root.parent = null;
    }
    return { score, planned: imagined.simulatorSteps };
  } finally {
    real.close();
    imagined.close();
  }
}

/** Down the tree by upper confidence bounds, to a leaf or to the end of the game. */
function choose(root: Node): Node {
  let node = root;
  while (node.children.length > 0 && !node.over) {
    const scale = Math.max(1, ...node.children.map(({ total, visits }) => Math.abs(total / visits)));
    const log = Math.log(node.visits);
    let most = -Infinity;
    for (const child of node.children) {
      const bound = child.total / child.visits + EXPLORATION * scale * Math.sqrt(log / child.visits);
      if (bound <= most) continue;
      most = bound;
      node = child;
    }
  }
  return node;
}

/** Opens a leaf: every action once, in a slot of its own, with random play behind it. */
function expand(leaf: Node, env: VectorEnv, rollout: number, random: () => number): void {
  if (leaf.over) {
    backUp(leaf, 0);
    return;
  }
  const slots = Array.from({ length: env.slots }, (_, slot) => slot);
  env.restore(leaf.states, slots, { rows: slots.map(() => leaf.row) });
  env.step(Int32Array.from(slots));
  const states = env.snapshot();
  leaf.children = slots.map((slot) => {
    return new Node(
      leaf,
      states,
      slot,
      env.rewards[slot] ?? 0,
      env.terminated[slot] === 1 || env.truncated[slot] === 1,
    );
  });
  const returns = slots.map(() => 0);
  for (let t = 1; t <= rollout; t++) {
    env.step(Int32Array.from(slots, () => Math.floor(random() * env.slots)));
    for (const slot of slots) returns[slot] = (returns[slot] ?? 0) + DISCOUNT ** t * (env.rewards[slot] ?? 0);
  }
  for (const [slot, child] of leaf.children.entries()) backUp(child, returns[slot] ?? 0);
}

/** Adds what came after a node to it and to all above it. */
function backUp(node: Node, after: number): void {
  let value = node.reward + after;
  for (let at: Node | null = node; at !== null; at = at.parent) {
    at.visits += 1;
    at.total += value;
    value = (at.parent?.reward ?? 0) + DISCOUNT * value;
  }
}

/** Mean score of random play over as many decisions. */
export function playAtRandom(factory: EnvFactory, decisions: number, seed: number, games = 20): number {
  const env = factory.make(games);
  const count = actionsOf(factory);
  const [k0, k1] = streamKey(seed, Purpose.scratch, 1);
  let total = 0;
  env.reset(undefined, streamKeys(seed, Purpose.evaluationReset, 0, 0, games));
  for (let t = 0; t < decisions; t++) {
    env.step(Int32Array.from({ length: games }, (_, i) => Math.floor(count * uniform(k0, k1, t, i))));
    total += env.rewards.reduce((sum, reward) => sum + reward, 0);
  }
  env.close();
  return total / games;
}

function actionsOf({ spec: { id, actionSpace } }: EnvFactory): number {
  if (actionSpace.kind === 'discrete' && actionSpace.sizes.length === 1) return actionSpace.sizes[0] ?? 1;
  throw new TypeError(`"${id}" has no single choice of actions`);
}

/** The game seen as its RAM, so that no picture is drawn; an action lasts eight frames. */
export function makeGame(id: string): EnvFactory {
  return getEnv(id, { observation: 'ram', actions: 'minimal', frameSkip: 8, noopSteps: 0 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (text: string) => ({ type: 'string', default: text }) as const;
  const { values } = parseArgs({
    options: {
      game: option('space_invaders'),
      decisions: option('80'),
      expansions: option('25'),
      rollout: option('15'),
      seed: option('1'),
    },
  });
  registerEnvs();
  const game = makeGame(values.game);
  const decisions = Number(values.decisions);
  const seed = Number(values.seed);
  const options = { decisions, expansions: Number(values.expansions), rollout: Number(values.rollout), seed };
  const { score, planned } = search(game, options);
  console.log(`searched: score ${score} in at most ${decisions} decisions (${planned} steps simulated)`);
  console.log(`random:   score ${playAtRandom(game, decisions, seed).toFixed(1)}, mean of 20 games`);
}
