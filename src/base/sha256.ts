/** FIPS 180-4, for texts and bytes of some megabytes; without Node, so that stored policies can be read in a browser. */

/** The first 32 bits of the fractional parts of x^(1/n), exactly: integer roots of x · 2^(32 n). */
function fraction(x: number, n: 2n | 3n): number {
  const scaled = BigInt(x) << (32n * n);
  let root = BigInt(Math.floor(Number(scaled) ** (1 / Number(n))));
  while (root ** n > scaled) root--;
  while ((root + 1n) ** n <= scaled) root++;
  return Number(root & 0xffffffffn);
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let x = 2; primes.length < count; x++) if (primes.every((p) => x % p !== 0)) primes.push(x);
  return primes;
}

const PRIMES = firstPrimes(64);
const ROUND = Int32Array.from(PRIMES, (p) => fraction(p, 3n) | 0);
const START = Int32Array.from(PRIMES.slice(0, 8), (p) => fraction(p, 2n) | 0);

const turn = (x: number, n: number) => (x >>> n) | (x << (32 - n));
const encoder = new TextEncoder();

/** SHA-256 of the parts one after the other (texts as UTF-8), lower-case hexadecimal. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const state = START.slice();
  const words = new Int32Array(64);
  const block = new Uint8Array(64);
  const view = new DataView(block.buffer);
  let filled = 0;
  let total = 0;
  const push = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(64 - filled, bytes.length - at);
      block.set(bytes.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled < 64) continue;
      mix(state, words, view);
      filled = 0;
    }
  };
  for (const part of parts) {
    const bytes = typeof part === 'string' ? encoder.encode(part) : part;
    total += bytes.length;
    push(bytes);
  }
  const end = new Uint8Array((filled < 56 ? 56 : 120) - filled + 8);
  end[0] = 0x80;
  new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(total) * 8n);
  push(end);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** One block of 64 bytes into the state. */
function mix(state: Int32Array, words: Int32Array, block: DataView): void {
  for (let i = 0; i < 16; i++) words[i] = block.getInt32(4 * i);
  for (let i = 16; i < 64; i++) {
    const [a, b] = [words[i - 15], words[i - 2]];
    const s0 = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
    const s1 = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    words[i] = words[i - 16] + s0 + words[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = state[i] + value;
}
