import { heights, inside, TAIL, widths } from './ziggurat.js';

const WORD = 0xffffffffn;
const LONG = 2n ** 64n - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

/**
 * Four 64-bit words from a seed of any length: numpy's SeedSequence(seed).generate_state(4), without a spawn key.
 * Words of 32 bits are hashed with a constant that runs on, and blended all with all.
 */
export function seedWords(seed: bigint): [bigint, bigint, bigint, bigint] {
  const entropy: number[] = [];
  for (let rest = seed; rest > 0n || entropy.length === 0; rest >>= 32n) entropy.push(Number(rest & WORD));
  const hash = scrambler(0x43b0d7e5, 0x931e8875);
  const pool = [0, 1, 2, 3].map((i) => hash(entropy[i] ?? 0));
  for (let source = 0; source < 4; source++) {
    for (let target = 0; target < 4; target++) {
      if (target !== source) pool[target] = blend(pool[target], hash(pool[source]));
    }
  }
  for (const word of entropy.slice(4)) for (let i = 0; i < 4; i++) pool[i] = blend(pool[i], hash(word));
  const output = scrambler(0x8b51f9dd, 0x58f38ded);
  const words = Array.from({ length: 8 }, (_, i) => BigInt(output(pool[i % 4])));
  return [0, 2, 4, 6].map((i) => words[i] | (words[i + 1] << 32n)) as [bigint, bigint, bigint, bigint];
}

function scrambler(start: number, factor: number): (word: number) => number {
  let constant = start;
  return (word) => {
    const x = word ^ constant;
    constant = Math.imul(constant, factor);
    const y = Math.imul(x, constant);
    return (y ^ (y >>> 16)) >>> 0;
  };
}

function blend(x: number, y: number): number {
  const r = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) | 0;
  return (r ^ (r >>> 16)) >>> 0;
}

/**
 * Numpy's default_rng(seed): PCG64 (O'Neill 2014: a 128-bit linear congruential generator, its high half folded into the
 * low one and rotated), uniform draws of 53 bits, normal draws by a ziggurat of 256 strips.
 */
export class NumpyGenerator {
  private state: bigint;
  private readonly increment: bigint;

  /** @param seed an integer >= 0, of any length */
  constructor(seed: bigint) {
    const [high, low, incrementHigh, incrementLow] = seedWords(seed);
    this.increment = BigInt.asUintN(128, (((incrementHigh << 64n) | incrementLow) << 1n) | 1n);
    this.state = BigInt.asUintN(128, this.increment + ((high << 64n) | low));
    this.advance();
  }

  /** 64 bits. */
  next(): bigint {
    this.advance();
    const folded = (this.state >> 64n) ^ (this.state & LONG);
    const turn = this.state >> 122n;
    return BigInt.asUintN(64, (folded >> turn) | (folded << (64n - turn)));
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * (Number(this.next() >> 11n) / 2 ** 53);
  }

  /** Standard normal. */
  normal(): number {
    for (;;) {
      const bits = this.next();
      const strip = Number(bits & 0xffn);
      const mantissa = Number((bits >> 9n) & 0xfffffffffffffn);
      const x = mantissa * widths[strip] * ((bits & 0x100n) === 0n ? 1 : -1);
      if (mantissa < inside[strip]) return x;
      if (strip === 0) return this.tail() * ((bits & 0x20000n) === 0n ? 1 : -1);
      const [above, below] = [heights[strip - 1], heights[strip]];
      if ((above - below) * this.uniform(0, 1) + below < Math.exp(-0.5 * x * x)) return x;
    }
  }

  /** Beyond the last strip (Marsaglia 1964). */
  private tail(): number {
    for (;;) {
      const a = -(1 / TAIL) * Math.log1p(-this.uniform(0, 1));
      const b = -Math.log1p(-this.uniform(0, 1));
      if (b + b > a * a) return TAIL + a;
    }
  }

  private advance(): void {
    this.state = BigInt.asUintN(128, this.state * MULTIPLIER + this.increment);
  }
}
