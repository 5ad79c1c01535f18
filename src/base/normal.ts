import { threefry } from './random.js';

/**
 * Normal draws from the same counter-based words as `uniform`: the inverse of the normal distribution function at
 * (word + 0.5) / 2^32, by Wichura's rational approximation (algorithm AS 241, PPND16, Applied Statistics 37, 1988).
 * Only additions, products, quotients and square roots of doubles are used, so native/random computes the same bits.
 */

const central = {
  numerator: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  denominator: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
} as const;
const tail = {
  numerator: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  denominator: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
} as const;
/** 1/19, 1/17, … 1/3, 1: log((1 + s) / (1 - s)) = 2 s (1 + s²/3 + s⁴/5 + …) */
const logSeries = [1 / 19, 1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1] as const;

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = coefficients[0];
  for (let i = 1; i < coefficients.length; i++) sum = sum * x + coefficients[i];
  return sum;
}

const bits = new DataView(new ArrayBuffer(8));

/** Natural logarithm of a normal positive double, the same bits on every platform; relative error below 1e-15. */
export function portableLog(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  return exponent * Math.LN2 + 2 * s * polynomial(logSeries, s * s);
}

/** 1/13!, 1/12!, … 1 */
const expSeries = Array.from({ length: 14 }, (_, i) => {
  let factorial = 1;
  for (let k = 2; k <= 13 - i; k++) factorial *= k;
  return 1 / factorial;
});
/** 1.5 · 2^52: added and taken away again, it rounds to an integer. */
const ROUNDING = 6755399441055744;

/** exp of a number within ±700 (others are clamped): the bits that native/random has for its draws. */
export function portableExp(given: number): number {
  const x = Math.min(700, Math.max(-700, given));
  const n = x * Math.LOG2E + ROUNDING - ROUNDING;
  const r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10;
  return polynomial(expSeries, r) * 2 ** n;
}

/** x such that P(Z <= x) = u for a standard normal Z. @param u in [2^-33, 1 - 2^-33] */
export function inverseNormal(u: number): number {
  const q = u - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(central.numerator, r)) / polynomial(central.denominator, r);
  }
  const r = Math.sqrt(-portableLog(q < 0 ? u : 1 - u)) - 1.6;
  const x = polynomial(tail.numerator, r) / polynomial(tail.denominator, r);
  return q < 0 ? -x : x;
}

const scratch = new Uint32Array(2);

/** Standard normal draw of counter (time, dimension) under a key. */
export function normal(k0: number, k1: number, time: number, dimension: number): number {
  threefry(k0, k1, time, dimension, scratch);
  return inverseNormal((scratch[0] + 0.5) / 4294967296);
}
